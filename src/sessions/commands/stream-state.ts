import { OutputWindow } from "./output-window.ts";

/** One stream of a command: what is at hand of it, and where it is in its spool. */
export interface StreamState {
  readonly window: OutputWindow;
  /** Where in the spool file the command's bytes begin; undefined until its first byte or end was seen. */
  begins: number | undefined;
  /** Where in the file the bytes from offset `at` on are, after something that is not the command's: oldest first. */
  readonly jumps: { readonly at: number; readonly file: number }[];
  ended: boolean;
  /** Bytes that came after the end. */
  lateBytes: number;
}

/** A stream of which nothing has come. */
export function newStream(): StreamState {
  return { window: new OutputWindow(), begins: undefined, jumps: [], ended: false, lateBytes: 0 };
}

/** Where in the spool file the byte at `offset` of a stream is. */
export function placeOf({ begins, jumps }: StreamState, offset: number): number {
  const jump = jumps.findLast(({ at }) => at <= offset);
  return jump === undefined ? (begins ?? 0) + offset : jump.file + offset - jump.at;
}
