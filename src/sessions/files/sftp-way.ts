import { createHash } from "node:crypto";
import { HoldfastError, oneLine } from "../../base/index.ts";
import { readInOrder, type SftpEntry, type SftpFacts, type SftpFile, type SftpSession } from "../../ssh/index.ts";
import { isWindowsPath, sftpPathOf } from "../windows/windows-path.ts";
import { hashedBytes, listedEntries } from "./file-limits.ts";
import type { FileFacts, ListedDirectory, ListedFile, ReadFile, ReadFileRequest } from "./files-api.ts";

/** Types in the upper bits of a mode (`struct stat`, S_IFMT). */
const typeBits = 0o170_000;
const types = { directory: 0o040_000, regular: 0o100_000, link: 0o120_000 } as const;

/** Whether the facts are those of a directory, a regular file or a link. */
export function isType(facts: Pick<SftpFacts, "mode">, type: keyof typeof types): boolean {
  return (facts.mode & typeBits) === types[type];
}

/**
 * `path` as an absolute one: from the login's home (`~`), or from `directory` ("" for the home). Where that is one of Windows, `C:\\x` and `C:/x`
 * are `/C:/x`.
 */
export async function absolutePath(sftp: SftpSession, path: string, directory: string): Promise<string> {
  return isWindowsPath(directory)
    ? plainAbsolute(sftp, sftpPathOf(path), sftpPathOf(directory))
    : plainAbsolute(sftp, path, directory);
}

async function plainAbsolute(sftp: SftpSession, path: string, directory: string): Promise<string> {
  if (path.startsWith("/")) return path;
  const inHome = path === "~" || path.startsWith("~/");
  const base = inHome || directory === "" ? await sftp.realPath(".") : directory;
  const rest = inHome ? path.slice(2) : path;
  return rest === "" ? base : `${base === "/" ? "" : base}/${rest}`;
}

/** Reads a file or lists a directory over SFTP, which tells owners as numbers. `sha256` is there for what was read whole. */
export async function readBySftp(
  sftp: SftpSession,
  request: ReadFileRequest,
  directory: string,
): Promise<ReadFile | ListedDirectory> {
  const asked = await absolutePath(sftp, request.path, directory);
  const [path, facts] = await Promise.all([sftp.realPath(asked).catch(() => asked), sftp.facts(asked)]);
  if (isType(facts, "directory")) return listBySftp(sftp, path, facts);
  if (!isType(facts, "regular")) {
    throw new HoldfastError("file_failed", `${oneLine(request.path, 200)} is no regular file`, {
      hint: "Use ssh_run for devices, pipes and sockets",
    });
  }
  const file = await sftp.open(asked, "read");
  try {
    const range = await readRange(file, sftp, request);
    const now = await file.facts();
    const whole = range.from === 0 && range.bytes.length >= now.sizeBytes;
    const sha256 = whole ? createHash("sha256").update(range.bytes).digest("hex") : undefined;
    return { kind: "file", path, facts: plainFacts(now), ...range, sha256 };
  } finally {
    await file.close().catch(() => undefined);
  }
}

/** The hash of a whole file that is read for it; undefined over 64 MiB. */
export async function hashBySftp(sftp: SftpSession, path: string): Promise<string | undefined> {
  const file = await sftp.open(path, "read");
  try {
    const { sizeBytes } = await file.facts();
    if (sizeBytes > hashedBytes) return undefined;
    const hash = createHash("sha256");
    const range = { from: 0, lengthBytes: hashedBytes };
    for await (const piece of readInOrder(file, range, sftp)) hash.update(piece);
    return hash.digest("hex");
  } finally {
    await file.close().catch(() => undefined);
  }
}

async function readRange(
  file: SftpFile,
  sftp: SftpSession,
  { from = 0, maxBytes, tailLines }: ReadFileRequest,
): Promise<{ readonly from: number; readonly bytes: Buffer }> {
  const start = tailLines === undefined ? from : Math.max(0, (await file.facts()).sizeBytes - maxBytes);
  const pieces: Uint8Array[] = [];
  for await (const piece of readInOrder(file, { from: start, lengthBytes: maxBytes }, sftp)) pieces.push(piece);
  const bytes = Buffer.concat(pieces);
  if (tailLines === undefined) return { from: start, bytes };
  const skipped = beforeLastLines(bytes, tailLines);
  return { from: start + skipped, bytes: bytes.subarray(skipped) };
}

/** Where the last `lines` lines of `bytes` begin; a last line without an end is one. */
function beforeLastLines(bytes: Buffer, lines: number): number {
  let at = bytes.length;
  for (let left = lines; left > 0; left -= 1) {
    // The line break before position `at - 1` ends the line before this one.
    const previous = at < 2 ? -1 : bytes.lastIndexOf(0x0a, at - 2);
    if (previous < 0) return 0;
    at = previous + 1;
  }
  return at;
}

async function listBySftp(sftp: SftpSession, path: string, facts: SftpFacts): Promise<ListedDirectory> {
  const { entries, more } = await sftp.list(path, listedEntries);
  const listed = await Promise.all(entries.map((entry) => listedEntry(sftp, path, entry)));
  return {
    kind: "directory",
    path,
    facts: plainFacts(facts),
    entries: listed.toSorted((one, other) => (one.name < other.name ? -1 : 1)),
    more,
  };
}

async function listedEntry(sftp: SftpSession, directory: string, entry: SftpEntry): Promise<ListedFile> {
  const { name, facts } = entry;
  // Who a link leads nowhere for is still told of it.
  const target = isType(facts, "link")
    ? await sftp.linkTarget(`${directory === "/" ? "" : directory}/${name}`).catch(() => "?")
    : undefined;
  return { name, facts: { ...plainFacts(facts), ...ownersIn(entry) }, target };
}

/** OpenSSH names owners only in the line for people: `-rw-r--r--    1 root     adm   ...`. */
function ownersIn({ line, facts }: SftpEntry): Pick<FileFacts, "user" | "group"> {
  const found = /^\S{10,11}\s+\S+\s+(?<user>\S+)\s+(?<group>\S+)\s/.exec(line)?.groups;
  return { user: found?.["user"] ?? String(facts.uid), group: found?.["group"] ?? String(facts.gid) };
}

/** The facts without names. */
export function plainFacts({ sizeBytes, mode, uid, gid, modifiedS }: SftpFacts): FileFacts {
  return { sizeBytes, mode, modifiedS, user: String(uid), group: String(gid) };
}
