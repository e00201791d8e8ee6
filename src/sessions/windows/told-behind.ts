import { readVariables, type ToldState } from "./windows-state.ts";

/** What follows the output is at most this long: all variables of Windows have 64 KB, and it may have other output among it. */
const longestTellingBytes = 1_048_576;

/** A mark's line is at most this long. */
const longestMarkBytes = 200;

/** What the wrapper around a command told. */
export interface Told {
  /** The status that the command left; undefined where it ended its shell, which is to say its status then. */
  readonly status: number | undefined;
  /** Undefined where it did not come whole. */
  readonly state: ToldState | undefined;
  /** The session's directory is not there: nothing was run. */
  readonly gone: boolean;
}

/** Takes from a command's output what its wrapper tells in front of it and behind it, each time after a mark that only the two know. */
export class ToldBehind {
  /** The process that the wrapper runs in, where it tells. */
  pid: number | undefined;
  readonly #mark: Buffer;
  readonly #output: (bytes: Uint8Array) => void;
  #held = Buffer.alloc(0);
  #behind: Buffer | undefined;

  constructor(mark: string, output: (bytes: Uint8Array) => void) {
    this.#mark = Buffer.from(`${mark} `);
    this.#output = output;
  }

  feed(bytes: Uint8Array): void {
    if (this.#behind !== undefined) {
      if (this.#behind.length + bytes.length <= longestTellingBytes) {
        this.#behind = Buffer.concat([this.#behind, bytes]);
      }
      return;
    }
    this.#held = this.#held.length === 0 ? Buffer.from(bytes) : Buffer.concat([this.#held, bytes]);
    while (this.#next());
  }

  /** There will be no more. */
  end(): Told {
    this.#pass(this.#held.length);
    const text = this.#behind?.toString() ?? "";
    const head = /^(?<word>gone|-?\d+)\s*\r?\n/.exec(text);
    const word = head?.groups?.["word"];
    if (head === null || word === undefined) return { status: undefined, state: undefined, gone: false };
    if (word === "gone") return { status: undefined, state: undefined, gone: true };
    const end = text.lastIndexOf(this.#mark.toString().trimEnd());
    const state = end < 0 ? undefined : readState(text.slice(head[0].length, end));
    return { status: Number(word) | 0, state, gone: false };
  }

  /** Goes on to the next mark; false when there is nothing more to do with what is held. */
  #next(): boolean {
    const at = this.#held.indexOf(this.#mark);
    if (at < 0) {
      this.#pass(this.#held.length - heldBack(this.#held, this.#mark));
      return false;
    }
    this.#pass(at);
    const lineEnd = this.#held.indexOf(0x0a);
    if (lineEnd < 0 && this.#held.length < longestMarkBytes) return false;
    const rest = this.#held.subarray(this.#mark.length);
    const pid = /^pid (\d{1,10})\r?\n/.exec(rest.subarray(0, longestMarkBytes).toString());
    this.#held = pid === null ? Buffer.alloc(0) : this.#held.subarray(lineEnd + 1);
    if (pid === null) this.#behind = Buffer.from(rest);
    else this.pid = Number(pid[1]);
    return pid !== null;
  }

  #pass(length: number): void {
    if (length > 0) this.#output(this.#held.subarray(0, length));
    this.#held = this.#held.subarray(length);
  }
}

/** The directory on a line of its own, then variables: lines, or pieces with NUL between. */
function readState(text: string): ToldState {
  const at = text.indexOf("\n");
  const directory = text.slice(0, Math.max(0, at)).trimEnd();
  const rest = text.slice(at + 1);
  const pieces = rest.includes("\0") ? rest.replace(/\r?\n$/, "").split("\0") : rest.split(/\r?\n/);
  while (pieces.at(-1) === "") pieces.pop();
  return { directory, variables: readVariables(pieces) };
}

/** How many bytes at the end of `held` may be the beginning of `mark`. */
function heldBack(held: Buffer, mark: Buffer): number {
  for (let length = Math.min(mark.length - 1, held.length); length > 0; length -= 1) {
    if (held.subarray(held.length - length).equals(mark.subarray(0, length))) return length;
  }
  return 0;
}
