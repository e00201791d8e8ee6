import { HoldfastError, asHoldfastError, oneLine } from "../../base/index.ts";
import {
  shownPath,
  type BytePath,
  type CopySide,
  type SideFacts,
  type SourceFile,
  type StagedFile,
} from "./copy-side.ts";
import type { CopyTally } from "./copy-tally.ts";
import type { ExtrasText } from "./extras.ts";
import type { DirectWay } from "./direct-way.ts";
import { giveExtras, givenExtras, noteOf } from "./given-extras.ts";
import { smallFileBytes } from "./small-files.ts";

/** How often a file is copied anew that changes meanwhile. */
const attempts = 3;

/** The end of a part that may have gaps: more than ever is on the way (32 chunks of 255 KiB). */
const unsureBytes = 16 * 1024 * 1024;

/** Codes after which a part is kept, to be continued. */
const goesOn: readonly string[] = ["connection_lost", "timed_out", "cancelled"];

export interface CopyContext {
  readonly source: CopySide;
  readonly target: CopySide;
  readonly resume: boolean;
  readonly verify: boolean;
  /** Access lists and extended attributes go along. */
  readonly xattrs: boolean;
  /** Files may go from host to host without passing here. */
  readonly direct?: DirectWay | undefined;
  /** This is one of many files. */
  readonly many?: boolean;
  readonly tally: CopyTally;
  readonly signal: AbortSignal;
  /** Names the temporary file for a path; nobody else can guess it. */
  mark(from: BytePath, to: BytePath): string;
}

/** One file to copy: what its side told of it, and what is in its place now. */
export interface FilePair {
  readonly from: BytePath;
  readonly to: BytePath;
  readonly facts: SideFacts;
  readonly old: SideFacts | undefined;
  /** It was read already. */
  readonly read?: SourceFile;
}

/** Copies one file: into a temporary one, which is compared and takes the place of the old one in one step. The SHA-256 where it was compared. */
export async function copyFile(pair: FilePair, context: CopyContext): Promise<string | undefined> {
  const { from, to, facts, old } = pair;
  const { tally, resume } = context;
  if (old?.kind === "directory") {
    throw new HoldfastError("file_failed", `${oneLine(shownPath(to), 300)} is a directory`, {
      hint: "Name a file, or end the path with a slash to copy into it",
    });
  }
  const gives = context.xattrs ? await givenExtras(from, context) : undefined;
  if (resume && (await isSame(pair, context))) {
    if (gives !== undefined) await giveExtras(to, gives, context);
    tally.same += 1;
    tally.files += 1;
    tally.bytes += facts.sizeBytes;
    return undefined;
  }
  const file = pair.read ?? (await context.source.open(from, isSmall(facts, context)));
  try {
    const sha256 = await copyOpen({ ...pair, file, gives }, context);
    tally.files += 1;
    return sha256;
  } finally {
    await file.close();
  }
}

interface OpenPair extends FilePair {
  readonly file: SourceFile;
  readonly gives: ExtrasText | undefined;
}

async function copyOpen(pair: OpenPair, context: CopyContext): Promise<string | undefined> {
  let { facts } = pair;
  for (let attempt = 1; ; attempt += 1) {
    let staged = await stageFor(pair, facts, context, attempt > 1);
    try {
      const sent = await fillDirectly(pair, facts, staged, context);
      if (sent === false) {
        await staged.discard();
        staged = await stageFor(pair, facts, context, true);
      }
      const filled = await fillStaged({ ...pair, sent: sent === true }, facts, staged, context);
      const now = await pair.file.facts();
      const changed = now.modifiedS !== facts.modifiedS || now.sizeBytes !== facts.sizeBytes;
      // A file without a size, as in /proc, is what was read of it.
      if (!changed && (filled === facts.sizeBytes || facts.sizeBytes === 0)) {
        const sha256 = context.verify ? await compare(pair, staged, filled, context) : undefined;
        await staged.finish({ ...facts, sizeBytes: filled });
        return sha256;
      }
      if (attempt >= attempts) {
        throw new HoldfastError("file_changed", `${oneLine(shownPath(pair.from), 300)} changes while it is copied`, {
          hint: "Copy it again when nobody writes it",
        });
      }
      facts = now;
      await staged.discard();
    } catch (error) {
      await (goesOn.includes(asHoldfastError(error).code) ? staged.leave() : staged.discard());
      throw error;
    }
  }
}

function stageFor(pair: OpenPair, facts: SideFacts, context: CopyContext, again: boolean): Promise<StagedFile> {
  const { from, to, old, gives } = pair;
  const { many = false, xattrs } = context;
  return context.target.stage(to, {
    mark: context.mark(from, to),
    fresh: !context.resume || again,
    small: isSmall(facts, context),
    ...(old?.kind === "file" && !xattrs ? { replaces: { many } } : {}),
    ...(gives === undefined ? {} : { gives }),
    note: (text) => noteOf(to, text, context),
  });
}

/** What is compared is read from where it lies, and what tells no size may be large. */
function isSmall({ sizeBytes }: SideFacts, { many, verify }: CopyContext): boolean {
  return many === true && !verify && sizeBytes > 0 && sizeBytes <= smallFileBytes;
}

/** Undefined where it was not tried. */
async function fillDirectly(
  { from, to }: OpenPair,
  { sizeBytes }: SideFacts,
  staged: StagedFile,
  context: CopyContext,
): Promise<boolean | undefined> {
  const { direct, source } = context;
  if (direct?.mayGo(sizeBytes) !== true || staged.heldBytes > 0) return undefined;
  const file = { from, to, mark: context.mark(from, to), sizeBytes };
  return direct.fill(file, staged, (lengthBytes) => source.sha256(from, lengthBytes));
}

async function fillStaged(
  { file, from, sent }: OpenPair & { readonly sent: boolean },
  facts: SideFacts,
  staged: StagedFile,
  context: CopyContext,
): Promise<number> {
  const { tally } = context;
  const start = sent ? facts.sizeBytes : await heldPrefix(from, facts, staged, context);
  if (sent) tally.moved(start);
  else tally.bytes += start;
  let done = start;
  try {
    return await staged.fill(start, watched(file.bytes(start, facts.sizeBytes), context.signal), (bytes) => {
      done += bytes;
      tally.moved(bytes);
    });
  } catch (error) {
    tally.bytes -= done;
    throw error;
  }
}

/** How much of a part that was left is the beginning of the source, as its hash shows. */
async function heldPrefix(
  from: BytePath,
  { sizeBytes }: SideFacts,
  staged: StagedFile,
  { source, resume }: CopyContext,
): Promise<number> {
  const sure = Math.min(sizeBytes, staged.heldBytes) - (staged.heldBytes >= sizeBytes ? 0 : unsureBytes);
  if (!resume || staged.heldBytes === 0 || sure <= 0) return 0;
  const [mine, theirs] = await Promise.all([staged.sha256(sure), source.sha256(from, sure)]);
  return mine === theirs ? sure : 0;
}

async function compare(
  { from, to }: FilePair,
  staged: StagedFile,
  sizeBytes: number,
  { source }: CopyContext,
): Promise<string> {
  const [mine, theirs] = await Promise.all([staged.sha256(sizeBytes), source.sha256(from, sizeBytes)]);
  if (mine === theirs) return mine;
  throw new HoldfastError("file_failed", `${oneLine(shownPath(to), 300)} did not become what its source is`, {
    hint: "Copy it again; look at the disk if it happens again",
  });
}

/** What is there is what is to be copied already: by size, time and mode, or by its hash. */
export async function isSame(
  { from, to, facts, old }: FilePair,
  { source, target, verify }: CopyContext,
): Promise<boolean> {
  if (old?.kind !== "file" || old.sizeBytes !== facts.sizeBytes || old.modifiedS !== facts.modifiedS) return false;
  if (old.mode !== (facts.mode & 0o1777) || facts.sizeBytes === 0) return false;
  if (!verify) return true;
  const [mine, theirs] = await Promise.all([target.sha256(to, facts.sizeBytes), source.sha256(from, facts.sizeBytes)]);
  return mine === theirs;
}

async function* watched(chunks: AsyncIterable<Uint8Array>, signal: AbortSignal): AsyncGenerator<Uint8Array, void> {
  for await (const chunk of chunks) {
    if (signal.aborted) throw stopped();
    yield chunk;
  }
}

/** What a copy says that was stopped. */
export function stopped(): HoldfastError {
  return new HoldfastError("cancelled", "the copy was stopped", { hint: "Call again: it goes on from there" });
}
