import { HoldfastError, timeIsUp, withDeadline } from "../base/index.ts";
import type { CommandView, OutputStream } from "../sessions/index.ts";

/** One piece of output fetched at a time (256 KiB): large enough to be fast, small enough to hold. */
export const pieceBytes = 262_144;

/** How long output may take to arrive from the host before the reply goes without it. */
const fetchLimitMs = 20_000;

/** A stretch `[from, to)` of one stream of a command. */
export interface OutputRange {
  readonly command: CommandView;
  readonly stream: OutputStream;
  readonly from: number;
  readonly to: number;
}

/** The bytes of `range`, piece by piece; ends early where the stream does. Rejects with `output_gone`, or `timed_out` when the host does not answer. */
export async function* readPieces(range: OutputRange): AsyncGenerator<Uint8Array> {
  let at = range.from;
  while (at < range.to) {
    const bytes = await readPiece(range, at, Math.min(pieceBytes, range.to - at));
    if (bytes.length === 0) return;
    yield bytes;
    at += bytes.length;
  }
}

/** All bytes of `range` at once; the caller bounds its length. */
export async function readRange(range: OutputRange): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for await (const piece of readPieces(range)) pieces.push(piece);
  const [first] = pieces;
  return pieces.length === 1 && first !== undefined ? first : Buffer.concat(pieces);
}

async function readPiece(range: OutputRange, from: number, limit: number): Promise<Uint8Array> {
  const { command, stream } = range;
  const slice = await withDeadline(command.read(stream, from, limit), fetchLimitMs);
  if (slice === timeIsUp) {
    throw new HoldfastError(
      "timed_out",
      `the host did not hand over the output of ${command.id} within ${fetchLimitMs / 1000} s`,
      {
        hint: `The command is not affected. Call ssh_read {"command":"${command.id}"} again`,
      },
    );
  }
  return slice.bytes.subarray(0, limit);
}
