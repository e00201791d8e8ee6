import { z } from "zod";
import type { WriteFileRequest, WrittenFile } from "../sessions/index.ts";
import { checkedContent, checkedOwner, checkedPath, checkedPermissions, checkedSha256 } from "./checked-file.ts";
import { checkedTarget } from "./checked-text.ts";
import { filePlace, hashText, standingText } from "./file-line.ts";
import { asSudoUser, sudoUser } from "./parameters.ts";
import { count, result, type Reply } from "./reply.ts";
import { defineTool, type ToolContext } from "./tool.ts";

const input = () =>
  z.strictObject({
    on: z.string(),
    path: z.string(),
    content: z.string(),
    mode: z.enum(["replace", "append", "create"]).default("replace"),
    permissions: z.string().optional().describe("like 0644"),
    owner: z.string().optional(),
    make_dirs: z.boolean().optional(),
    encoding: z.enum(["utf8", "base64"]).default("utf8"),
    sudo: sudoUser(),
    expect_sha256: z.string().optional().describe("refuse if changed"),
  });

type FileWriteInput = z.output<ReturnType<typeof input>>;

/** `ssh_file_write`: a whole file, or more at its end. */
export const sshFileWrite = defineTool({
  name: "ssh_file_write",
  title: "Write a file",
  description: "Write a file atomically; keeps mode and owner.",
  annotations: {},
  input,
  run: async (args: FileWriteInput, { sessions, signal }: ToolContext): Promise<Reply> => {
    const request = { ...requestOf(args), signal };
    const session = await sessions.find(checkedTarget(args.on));
    const written = await session.files.write(request);
    return result(
      writtenLine(args.mode === "append" && !written.created ? "appended" : "written", session.name, written),
    );
  },
});

function requestOf(args: FileWriteInput): WriteFileRequest {
  return {
    path: checkedPath(args.path),
    content: checkedContent(args.content, args.encoding),
    mode: args.mode,
    ...(args.permissions === undefined ? {} : { permissions: checkedPermissions(args.permissions) }),
    ...(args.owner === undefined ? {} : { owner: checkedOwner(args.owner) }),
    ...(args.make_dirs === undefined ? {} : { makeDirectories: args.make_dirs }),
    ...(args.expect_sha256 === undefined ? {} : { expectSha256: checkedSha256(args.expect_sha256) }),
    sudo: asSudoUser(args.sudo),
  };
}

/** `written · 18,204 bytes · sha256 … · -rw-r--r-- root root · web1:/etc/x`, with notes. */
export function writtenLine(
  word: string,
  session: string,
  { path, facts, sha256, created, notes }: WrittenFile,
): string {
  const fields = [
    word,
    `${count(facts.sizeBytes)} bytes`,
    hashText(sha256),
    standingText(facts),
    filePlace(session, path),
    ...(created ? ["new"] : []),
    ...notes.map((note) => `note: ${note}`),
  ];
  return fields.join(" · ");
}
