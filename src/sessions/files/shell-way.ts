import { createHash } from "node:crypto";
import { HoldfastError } from "../../base/index.ts";
import { saidByHost } from "./file-errors.ts";
import type {
  FileFacts,
  ListedDirectory,
  ListedFile,
  ReadFile,
  ReadFileRequest,
  WriteFileRequest,
  WrittenFile,
} from "./files-api.ts";
import { listedEntries, hashedBytes } from "./file-limits.ts";
import { noShell, runFileScript, type FilePlace, type ScriptAnswer } from "./script-run.ts";

/** What the script's notes mean. */
const noteTexts: Readonly<Record<string, string>> = {
  links: "it had other names (hard links), which keep the old content",
  mode: "its mode could not be kept: the host has no chmod",
  acl: "its access list could not be kept",
  unsure: "an access list or extended attributes, if it had any, were not kept",
  xattr: "its extended attributes could not all be kept",
  nosync: "the host could not be asked to write it to its disk at once",
};

interface ShellReadRequest extends ReadFileRequest {
  /** No entries of a directory. */
  readonly factsOnly?: boolean;
}

/** Reads with a script in a shell on the host. */
export async function readByShell(
  place: FilePlace,
  request: ShellReadRequest,
): Promise<ReadFile | ListedDirectory | typeof noShell> {
  const { path, from = 0, maxBytes, tailLines = "", sudo, signal } = request;
  const variables = {
    P: path,
    C: place.directory,
    FROM: from,
    MAX: maxBytes,
    TAIL: tailLines,
    HASHED: hashedBytes,
    ROWS: request.factsOnly === true ? 0 : listedEntries,
  };
  const answer = await runFileScript(place, { script: "read", path, variables, sudo, signal, maxBytes });
  if (answer === noShell) return noShell;
  const [real, facts] = [answer.word(), factsOf(answer.word(), path)];
  if (answer.kind === "dir") return { kind: "directory", path: real, facts, ...entriesOf(answer) };
  return fileOf(answer, { real, facts, request });
}

interface FileHead {
  readonly real: string;
  readonly facts: FileFacts;
  readonly request: ReadFileRequest;
}

function fileOf(answer: ScriptAnswer, { real, facts, request }: FileHead): ReadFile {
  const { path, from = 0, maxBytes, tailLines } = request;
  const told = answer.word();
  const bytes = answer.rest();
  const missing = facts.sizeBytes > 0 && bytes.length < Math.min(maxBytes, facts.sizeBytes - from);
  if (missing && tailLines === undefined && answer.complaint !== "") throw saidByHost(path, answer.complaint, "");
  const start = tailLines === undefined ? from : Math.max(0, facts.sizeBytes - bytes.length);
  const whole = start === 0 && bytes.length >= facts.sizeBytes;
  const sha256 = whole ? createHash("sha256").update(bytes).digest("hex") : told || undefined;
  return { kind: "file", path: real, facts, from: start, bytes, sha256 };
}

/** The host has no program for SHA-256, which was needed to compare; nothing was written. */
export const noHash = Symbol("no hash");

interface ShellWriteRequest extends WriteFileRequest {
  /** What the old file must hold, compared byte by byte in place of its hash. */
  readonly expectContent?: Uint8Array;
}

/** Writes with a script in a shell on the host, which stages, compares and renames in one process. */
export async function writeByShell(
  place: FilePlace,
  request: ShellWriteRequest,
): Promise<WrittenFile | typeof noShell | typeof noHash> {
  const { path, mode, permissions, owner = "", sudo, signal, expectContent } = request;
  const content = expectContent === undefined ? request.content : Buffer.concat([request.content, expectContent]);
  const variables = {
    P: path,
    C: place.directory,
    SIZE: request.content.length,
    HASH: createHash("sha256").update(request.content).digest("hex"),
    M: mode,
    MODE: permissions === undefined ? "" : permissions.toString(8).padStart(4, "0"),
    OWNER: owner,
    DIRS: request.makeDirectories === true ? 1 : "",
    X: request.expectSha256 ?? "",
    Y: expectContent?.length ?? "",
  };
  const answer = await runFileScript(place, { script: "write", path, variables, sudo, signal, content, maxBytes: 0 });
  if (answer === noShell) return noShell;
  if (answer.kind === "nohash") return noHash;
  const real = answer.word();
  const facts = factsOf(answer.word(), path);
  const sha256 = answer.word();
  const notes = answer
    .word()
    .split(" ")
    .flatMap((word) => noteTexts[word] ?? []);
  return { path: real, facts, sha256: sha256 === "" ? undefined : sha256, created: answer.word() === "", notes };
}

function entriesOf(answer: ScriptAnswer): Pick<ListedDirectory, "entries" | "more"> {
  const words = answer.rest().toString().split("\0");
  words.pop();
  const total = Number(words.pop());
  const entries: ListedFile[] = [];
  for (let at = 0; at + 2 < words.length; at += 3) {
    const [name = "", facts = "", target = ""] = words.slice(at, at + 3);
    entries.push({ name, facts: parseFacts(facts), target: target === "" ? undefined : target });
  }
  return { entries: entries.toSorted(byName), more: total > entries.length };
}

function byName(one: ListedFile, other: ListedFile): number {
  return one.name < other.name ? -1 : 1;
}

function factsOf(text: string, path: string): FileFacts {
  const facts = parseFacts(text);
  if (facts !== undefined) return facts;
  throw new HoldfastError("file_failed", `${path}: the host does not tell what it is`, {
    hint: "It may have vanished: look with ssh_run",
  });
}

/** Seven lines and one: see `host/path.sh`. */
function parseFacts(text: string): FileFacts | undefined {
  const [mode = "", size = "", user = "", group = "", uid = "", gid = "", modified = ""] = text.split("\n");
  if (mode === "") return undefined;
  const named = (name: string, number: string): string => (name === "" || name === "UNKNOWN" ? number : name);
  return {
    mode: Number.parseInt(mode, 16),
    sizeBytes: Number(size),
    user: named(user, uid),
    group: named(group, gid),
    modifiedS: Number(modified),
  };
}
