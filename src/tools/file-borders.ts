import type { ReadFile } from "../sessions/index.ts";
import type { SecretBorders } from "./gate.ts";

/** Stands for each byte of a secret that the stretch cuts in two. */
const covered = 0x2a;

/** Reads a stretch of the same file. */
type ReadStretch = (from: number, maxBytes: number) => Promise<Uint8Array>;

/** The stretch of a file without what of a secret stands at its borders: the rest of one is covered, the beginning of one is left to the next stretch. Rejects as reading does. */
export async function hideBorders(
  file: ReadFile,
  borders: SecretBorders | undefined,
  read: ReadStretch,
): Promise<ReadFile> {
  const { bytes, from } = file;
  const margin = borders?.marginBytes ?? 0;
  if (borders === undefined || margin === 0 || bytes.length === 0) return file;
  const before = Math.min(from, margin);
  const front = before === 0 ? new Uint8Array() : await read(from - before, before);
  const shown = Uint8Array.from(bytes).fill(covered, 0, borders.restOfSecret(front, bytes));
  const atEnd = from + bytes.length >= file.facts.sizeBytes;
  const held = atEnd ? 0 : Math.min(bytes.length, borders.beginningOfSecret(Buffer.concat([front, bytes])));
  // A stretch that is nothing but a part of one is covered, so that the next one is further on.
  if (held === bytes.length) return { ...file, bytes: shown.fill(covered) };
  return { ...file, bytes: shown.subarray(0, shown.length - held) };
}
