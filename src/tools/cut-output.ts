import { decodeUtf8, incompleteTail, orphanHead } from "../base/index.ts";

const newline = 0x0a;

/** When a line itself is cut, this many bytes beyond the cut are looked at, so that no part of an escape sequence or secret is left there. */
const marginBytes = 4_096;

/** Turns decoded output into what a reply shows: secrets replaced, escape sequences stripped (or kept for `raw`). */
export type Cleaner = (text: string) => string;

/** One end of an output: its text and how many bytes it stands for. */
export interface CutPiece {
  readonly text: string;
  readonly sizeBytes: number;
}

/** The beginning of `bytes` that shows at most `limit` characters, up to a line border; only a first line that is too long is cut itself. */
export function takeHead(bytes: Uint8Array, limit: number, clean: Cleaner): CutPiece {
  let text = "";
  let size = 0;
  while (size < bytes.length) {
    const end = lineEnd(bytes, size);
    const line = clean(decodeUtf8(bytes.subarray(size, end)));
    if (text.length + line.length > limit) break;
    text += line;
    size = end;
  }
  if (size > 0 || bytes.length === 0) return { text, sizeBytes: size };
  // A character never has fewer bytes than UTF-16 units, so `limit` bytes show at most `limit` characters.
  const part = bytes.subarray(0, Math.min(limit, bytes.length));
  const whole = part.subarray(0, part.length - incompleteTail(part));
  const wider = clean(decodeUtf8(bytes.subarray(0, whole.length + marginBytes)));
  return { text: commonStart(clean(decodeUtf8(whole)), wider), sizeBytes: whole.length };
}

/** The end of `bytes` that shows at most `limit` characters, from a line border on; only a last line that is too long is cut itself. */
export function takeTail(bytes: Uint8Array, limit: number, clean: Cleaner): CutPiece {
  const lines: string[] = [];
  let length = 0;
  let start = bytes.length;
  while (start > 0) {
    const from = lineStart(bytes, start);
    const line = clean(decodeUtf8(bytes.subarray(from, start)));
    if (length + line.length > limit) break;
    lines.push(line);
    length += line.length;
    start = from;
  }
  if (start < bytes.length || bytes.length === 0) {
    return { text: lines.reverse().join(""), sizeBytes: bytes.length - start };
  }
  const part = bytes.subarray(bytes.length - Math.min(limit, bytes.length));
  const whole = part.subarray(orphanHead(part));
  const wider = clean(decodeUtf8(bytes.subarray(Math.max(0, bytes.length - whole.length - marginBytes))));
  return { text: commonEnd(clean(decodeUtf8(whole)), wider), sizeBytes: whole.length };
}

function commonStart(one: string, other: string): string {
  let length = 0;
  while (length < one.length && one[length] === other[length]) length += 1;
  return one.slice(0, length);
}

function commonEnd(one: string, other: string): string {
  let length = 0;
  while (length < one.length && one[one.length - 1 - length] === other[other.length - 1 - length]) length += 1;
  return one.slice(one.length - length);
}

/** The last `lines` lines of `bytes`; a last line without its newline counts. */
export function lastLines(bytes: Uint8Array, lines: number): Uint8Array {
  let start = bytes.length;
  for (let taken = 0; taken < lines && start > 0; taken += 1) start = lineStart(bytes, start);
  return bytes.subarray(start);
}

/** How many newlines `bytes` has. */
export function countLines(bytes: Uint8Array): number {
  let lines = 0;
  for (let at = bytes.indexOf(newline); at !== -1; at = bytes.indexOf(newline, at + 1)) lines += 1;
  return lines;
}

/** Offset after the line that begins at `from`. */
function lineEnd(bytes: Uint8Array, from: number): number {
  const at = bytes.indexOf(newline, from);
  return at === -1 ? bytes.length : at + 1;
}

/** Offset of the line that ends before `end`. */
function lineStart(bytes: Uint8Array, end: number): number {
  return end < 2 ? 0 : bytes.lastIndexOf(newline, end - 2) + 1;
}
