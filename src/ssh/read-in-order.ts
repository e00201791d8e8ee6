import { ChunkStore } from "./chunk-store.ts";
import type { SftpFile, SftpSession } from "./sftp-session.ts";

/** One for all: what reads have on the way at the same time is mostly of one file. */
const store = new ChunkStore();

interface ReadRange {
  readonly from: number;
  readonly lengthBytes: number;
  /** A chunk is good until the next one is asked for: fresh memory for each would keep the collector busy. */
  readonly reuse?: boolean;
  /** The file is thought to have all of the range: many are asked for at once from the beginning. */
  readonly known?: boolean;
}

/**
 * The bytes `[from, from + lengthBytes)` of a file in order, as far as there are any, with many requests on the way at once. Answers that
 * are shorter than asked for are completed (some servers give less), so that nothing shifts; a file without a size, as in /proc, is read too.
 * At most `inFlight` chunks are held.
 */
export async function* readInOrder(
  file: SftpFile,
  range: ReadRange,
  pace: Pick<SftpSession, "chunkBytes" | "inFlight">,
): AsyncGenerator<Uint8Array, void> {
  const end = range.from + range.lengthBytes;
  const underway: Promise<Buffer>[] = [];
  const spare: Buffer[] = [];
  let next = range.from;
  const ask = (): void => {
    const length = Math.min(pace.chunkBytes, end - next);
    const isWhole = range.reuse === true && length === pace.chunkBytes;
    const target = spare.pop() ?? (isWhole ? store.take(length) : Buffer.allocUnsafe(length));
    const chunk = readChunk(file, next, target.subarray(0, length));
    chunk.catch(() => undefined);
    underway.push(chunk);
    next += length;
  };
  try {
    for (;;) {
      // One at first: what fits into one chunk costs no request beyond its end.
      const wanted = next === range.from && range.known !== true ? 1 : pace.inFlight;
      while (next < end && underway.length < wanted) ask();
      const first = underway.shift();
      if (first === undefined) return;
      const chunk = await first;
      if (chunk.length > 0) yield chunk;
      if (range.reuse === true && chunk.length === pace.chunkBytes) spare.push(chunk);
      // A chunk that could not be filled was the last one; what was asked beyond it is let go.
      if (chunk.length < Math.min(pace.chunkBytes, end - range.from)) {
        await Promise.allSettled(underway);
        return;
      }
    }
  } finally {
    // Those alone that were filled and looked at: an answer may still come into one that is on the way.
    store.give(spare);
  }
}

/** One chunk, read on until it is full or the file ends. */
async function readChunk(file: SftpFile, from: number, target: Buffer): Promise<Buffer> {
  let got = 0;
  while (got < target.length) {
    const { length } = await file.read(from + got, target.length - got, target.subarray(got));
    if (length === 0) break;
    got += length;
  }
  return target.subarray(0, got);
}
