import type { OutputStream } from "../session-api.ts";

/** A spool that was full: from byte `sizeBytes` of its file on, output was not kept. */
export interface Cut {
  readonly sizeBytes: number;
  /** `none`: all that followed is gone; `coming`: its end will follow in the spool; else the size of the file with the end in it. */
  readonly tail: "none" | "coming" | number;
}

/** `<size> [tail [<size with the end>]]`, as the host tells it. */
export function readCut(words: readonly string[]): Cut {
  const [size, tail, whole] = words;
  if (tail !== "tail") return { sizeBytes: Number(size), tail: "none" };
  return { sizeBytes: Number(size), tail: whole === undefined ? "coming" : Number(whole) };
}

/** What the caller must know of a stream that was cut at its byte `offset`. */
export function cutNote(stream: OutputStream, offset: number, cut: Cut): string {
  const kept = cut.tail === "none" ? "" : " but for its last 1 MiB, which follows there";
  return `${stream} after byte ${offset} was not kept${kept}: the spool is full`;
}

/** The end of a stream that was cut could not be had. */
export function noTailNote(stream: OutputStream): string {
  return `the end of ${stream} was not kept either: a process in the background still holds it`;
}
