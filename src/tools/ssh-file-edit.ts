import { z } from "zod";
import { HoldfastError, asHoldfastError } from "../base/index.ts";
import type { HostFiles, ReadFileRequest, WrittenFile } from "../sessions/index.ts";
import { applyEdits, type Edit } from "./apply-edits.ts";
import { checkedPath, largestContentBytes, refuseLarger } from "./checked-file.ts";
import { checkedTarget } from "./checked-text.ts";
import { asSudoUser, sudoUser } from "./parameters.ts";
import { result, type Reply } from "./reply.ts";
import { writtenLine } from "./ssh-file-write.ts";
import { defineTool, type ToolContext } from "./tool.ts";
import { unifiedDiff } from "./unified-diff.ts";

/** How often the edits are made anew because somebody has written the file meanwhile. */
const attempts = 4;

const input = () =>
  z.strictObject({
    on: z.string(),
    path: z.string(),
    edits: z
      .array(z.strictObject({ old: z.string().min(1), new: z.string(), all: z.boolean().optional() }))
      .min(1)
      .max(1_000),
    sudo: sudoUser(),
  });

type FileEditInput = z.output<ReturnType<typeof input>>;

/** `ssh_file_edit`: texts in a file replaced, all or none. */
export const sshFileEdit = defineTool({
  name: "ssh_file_edit",
  title: "Edit a file",
  description: "Replace exact texts in a file: each old once, or all; all or none. Replies with a diff.",
  annotations: {},
  input,
  run: async (args: FileEditInput, { sessions, signal }: ToolContext): Promise<Reply> => {
    const path = checkedPath(args.path);
    const session = await sessions.find(checkedTarget(args.on));
    for (let attempt = 1; ; attempt += 1) {
      try {
        const { written, places, diff } = await editOnce(session.files, {
          path,
          edits: args.edits,
          who: { sudo: asSudoUser(args.sudo), signal },
        });
        const word = `edited · ${places} ${places === 1 ? "place" : "places"}`;
        return result(`${writtenLine(word, session.name, written)}\n${diff}`);
      } catch (error) {
        if (attempt >= attempts || asHoldfastError(error).code !== "file_changed") throw error;
      }
    }
  },
});

interface EditedFile {
  readonly written: WrittenFile;
  readonly places: number;
  readonly diff: string;
}

interface FileEdit {
  readonly path: string;
  readonly edits: readonly Edit[];
  readonly who: Pick<ReadFileRequest, "sudo" | "signal">;
}

async function editOnce(files: HostFiles, { path, edits, who }: FileEdit): Promise<EditedFile> {
  const seen = await files.read({ path, maxBytes: largestContentBytes + 1, ...who });
  if (seen.kind === "directory") {
    throw new HoldfastError("file_failed", `${path} is a directory; nothing was written`, {
      hint: "Name a file in it",
    });
  }
  refuseLarger(path, Math.max(seen.facts.sizeBytes, seen.bytes.length));
  const before = textOf(seen.bytes, path);
  const { text, places } = applyEdits(before, edits);
  const content = Buffer.from(text);
  refuseLarger("the edited file", content.length);
  const expected = seen.sha256 === undefined ? {} : { expectSha256: seen.sha256 };
  const written = await files.write({ path, content, mode: "replace", ...who, ...expected });
  return { written, places, diff: unifiedDiff(before, text) };
}

function textOf(bytes: Uint8Array, path: string): string {
  try {
    if (!bytes.includes(0)) return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    // Told below.
  }
  throw new HoldfastError("edit_failed", `${path} is no UTF-8 text; nothing was written`, {
    hint: "Write it as a whole with ssh_file_write, or change it with ssh_run",
  });
}
