import type { SecretBorders } from "./gate.ts";
import { readRange, type OutputRange } from "./output-range.ts";

/** Stands for each byte of a secret whose beginning was shown, or left out, before. */
const covered = 0x2a;

/** Bytes as they may be shown. */
export interface ShownBytes {
  /** What is the rest of a secret that begins before them is covered with asterisks. */
  readonly bytes: Uint8Array;
  /** How many at the end may be the beginning of a secret that has not come whole yet. */
  readonly held: number;
}

/** The bytes of `range` without what of a secret stands at its borders. Rejects as reading does. */
export async function readShown(range: OutputRange, borders: SecretBorders | undefined): Promise<ShownBytes> {
  const bytes = await readRange(range);
  const margin = borders?.marginBytes ?? 0;
  if (borders === undefined || margin === 0 || bytes.length === 0) return { bytes, held: 0 };
  const front = await before(range, Math.min(margin, range.from));
  const end = bytes.subarray(Math.max(0, bytes.length - margin));
  const wider = end.length < bytes.length ? end : Buffer.concat([front, bytes]);
  const held = Math.min(bytes.length, borders.beginningOfSecret(wider));
  const rest = borders.restOfSecret(front, bytes);
  return { bytes: rest === 0 ? bytes : Uint8Array.from(bytes).fill(covered, 0, rest), held };
}

/** How many bytes at the end of `range` may be the beginning of a secret that has not come whole yet. */
export async function heldAtEnd(range: OutputRange, borders: SecretBorders | undefined): Promise<number> {
  const margin = Math.min(borders?.marginBytes ?? 0, range.to - range.from);
  if (borders === undefined || margin === 0) return 0;
  return borders.beginningOfSecret(await readRange({ ...range, from: range.to - margin }));
}

/** What stands in front of a range; nothing where it is not kept any more: then nobody else can read the beginning either. */
async function before(range: OutputRange, margin: number): Promise<Uint8Array> {
  if (margin === 0) return new Uint8Array();
  try {
    return await readRange({ ...range, from: range.from - margin, to: range.from });
  } catch {
    return new Uint8Array();
  }
}
