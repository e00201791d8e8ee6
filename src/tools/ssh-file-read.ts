import { z } from "zod";
import { HoldfastError, incompleteTail, orphanHead } from "../base/index.ts";
import type { ReadFile } from "../sessions/index.ts";
import { checkedPath, largestContentBytes } from "./checked-file.ts";
import { checkedTarget } from "./checked-text.ts";
import { directoryText } from "./directory-lines.ts";
import { hideBorders } from "./file-borders.ts";
import { filePlace, hashText, standingText } from "./file-line.ts";
import { asSudoUser, byteOffset, sudoUser } from "./parameters.ts";
import { count, nextCall, result, type Reply } from "./reply.ts";
import { defineTool, type ToolContext } from "./tool.ts";

/** What a reply holds when nothing is said: enough for a configuration file, little for a context. */
const usualBytes = 65_536;

const input = () =>
  z.strictObject({
    on: z.string(),
    path: z.string(),
    from: byteOffset(),
    max_bytes: z.number().int().min(1).max(largestContentBytes).default(usualBytes),
    tail: z.number().int().min(1).max(100_000).optional().describe("lines"),
    encoding: z.enum(["auto", "utf8", "base64"]).default("auto"),
    sudo: sudoUser(),
  });

type FileReadInput = z.output<ReturnType<typeof input>>;

/** `ssh_file_read`: a file or a part of it, or a directory. */
export const sshFileRead = defineTool({
  name: "ssh_file_read",
  title: "Read a file",
  description: "Read a file (binary as base64) or a part, or list a directory.",
  annotations: { readOnlyHint: true },
  input,
  run: readFile,
});

async function readFile(args: FileReadInput, { sessions, redact, signal }: ToolContext): Promise<Reply> {
  const path = checkedPath(args.path);
  if (args.from !== undefined && args.tail !== undefined) {
    throw new HoldfastError("bad_input", "from and tail exclude each other; nothing was read", {
      hint: "Leave one of them out",
    });
  }
  const session = await sessions.find(checkedTarget(args.on));
  const { from, tail, max_bytes: maxBytes } = args;
  const who = { sudo: asSudoUser(args.sudo), signal };
  const seen = await session.files.read({
    path,
    maxBytes,
    ...(from === undefined ? {} : { from }),
    ...(tail === undefined ? {} : { tailLines: tail }),
    ...who,
  });
  if (seen.kind === "directory") return result(directoryText(session.name, seen));
  const shown = await hideBorders(seen, redact.borders, async (start, size) => {
    const part = await session.files.read({ path, maxBytes: size, from: start, ...who });
    return part.kind === "file" ? part.bytes : new Uint8Array();
  });
  return result(fileText(session.name, shown, args));
}

function fileText(session: string, file: ReadFile, args: FileReadInput): string {
  const shown = contentOf(file, args);
  const { sizeBytes } = file.facts;
  const end = shown.from + shown.length;
  const whole = shown.from === 0 && end >= sizeBytes;
  const next = { on: args.on, path: args.path, from: end, ...(args.sudo === undefined ? {} : { sudo: args.sudo }) };
  const fields = [
    "file",
    `${count(sizeBytes)} bytes`,
    hashText(file.sha256),
    standingText(file.facts),
    filePlace(session, file.path),
    ...(shown.base64 ? ["base64"] : []),
    ...(whole ? [] : [`bytes ${count(shown.from)} to ${count(end)}`]),
    ...(end < sizeBytes && shown.length > 0 ? [nextCall("ssh_file_read", next)] : []),
  ];
  return `${fields.join(" · ")}\n${shown.text}`;
}

interface ShownContent {
  readonly from: number;
  readonly length: number;
  readonly text: string;
  readonly base64: boolean;
}

/** The content as text where it is that: a character that the range cuts in two is left to the next part. */
function contentOf({ from, bytes, facts }: ReadFile, { encoding }: FileReadInput): ShownContent {
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const atEnd = from + all.length >= facts.sizeBytes;
  const head = from === 0 ? 0 : orphanHead(all);
  const part = all.subarray(head, all.length - (atEnd ? 0 : incompleteTail(all)));
  const usable = part.length > 0 ? part : all;
  const start = part.length > 0 ? from + head : from;
  const text = encoding === "base64" ? undefined : textOf(usable);
  if (text !== undefined) return { from: start, length: usable.length, text, base64: false };
  if (encoding === "utf8") {
    throw new HoldfastError("bad_input", "the file is no UTF-8 text there", { hint: 'Read it with encoding "base64"' });
  }
  return { from, length: all.length, text: all.toString("base64"), base64: true };
}

/** Undefined for what is no UTF-8, or has NUL characters. */
function textOf(bytes: Uint8Array): string | undefined {
  if (bytes.includes(0)) return undefined;
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
