import { ownCopy } from "../../base/index.ts";
import { partialTail } from "./control-lines.ts";

/** Ends a marker: record separator, newline. */
const terminator = Buffer.from("\u001E\n");

/** Begins the payload of a marker that was put in from outside the spooler (`unheld` in `host/attach.sh`): it may come more than once. */
const outsideSign = "!";

/** A marker holds a status and a directory; PATH_MAX is 4,096 bytes on Linux, so a longer one is no marker of ours. */
const longestMarkerBytes = 8192;

/** The end of a command's output in one stream, as the marker in the spool tells it. */
export interface StreamEnd {
  readonly number: number;
  /** Exit status; undefined where the shell could not write one (it died, or its line was aborted). */
  readonly status: number | undefined;
  readonly directory: string | undefined;
  /** `held`: a background process still holds the stream; what it prints follows. */
  readonly held: boolean;
}

export interface SpoolListener {
  onBytes(number: number, bytes: Uint8Array): void;
  onEnd(end: StreamEnd): void;
  /** A marker that was put in from outside the spooler has come through, for a command that had ended or not. */
  onForeignMarker(number: number): void;
}

/**
 * Reads one stream's spool: the bytes of commands one after the other, each closed by a marker with that command's own token. Pure: it is
 * told bytes and tells what they are. `offset` is how far into the spool file everything has been told.
 */
export class SpoolStream {
  readonly #token: (number: number) => string;
  readonly #listener: SpoolListener;
  #number: number;
  #offset: number;
  #begins: number;
  #held: Buffer = Buffer.alloc(0);
  #tag: Buffer;
  /** The current command has ended while something still holds the stream. */
  #late = false;
  /** What begins a marker from outside for the command before the current one: whoever asked for it did so just when the end came by itself. */
  #stray: Buffer | undefined;

  constructor(
    from: { readonly number: number; readonly offset: number },
    token: (number: number) => string,
    listener: SpoolListener,
  ) {
    this.#number = from.number;
    this.#offset = from.offset;
    this.#begins = from.offset;
    this.#token = token;
    this.#listener = listener;
    this.#tag = this.#tagOf(from.number);
  }

  /** Where to go on reading the file after an interruption; bytes held back as a possible marker are read again. */
  get offset(): number {
    return this.#offset;
  }

  /** Where in the file the current command's bytes begin. */
  get begins(): number {
    return this.#begins;
  }

  /** The command whose bytes come next (or whose late bytes are coming). */
  get number(): number {
    return this.#number;
  }

  /** The current command has ended, but its output may still grow. */
  get late(): boolean {
    return this.#late;
  }

  /** Forgets what was held back: the file is going to be read again from `offset`. */
  rewind(): void {
    this.#held = Buffer.alloc(0);
  }

  /** Nothing follows: what was held back as a possible marker is none. */
  finish(): void {
    const rest = this.#held;
    this.#held = Buffer.alloc(0);
    if (rest.length > 0) this.#bytes(rest);
  }

  feed(bytes: Uint8Array): void {
    const fresh = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    let rest = this.#held.length === 0 ? fresh : Buffer.concat([this.#held, fresh]);
    this.#held = Buffer.alloc(0);
    while (rest.length > 0) {
      const taken = this.#take(rest);
      if (taken === 0) {
        this.#held = Buffer.from(rest);
        return;
      }
      rest = rest.subarray(taken);
    }
  }

  /** Tells what the beginning of `rest` is; returns its length, or 0 when more bytes are needed to know. */
  #take(rest: Buffer): number {
    const stray = this.#takeStray(rest);
    if (stray !== undefined) return stray;
    const at = rest.indexOf(this.#tag);
    if (at > 0) return this.#bytes(rest.subarray(0, at));
    if (at < 0) {
      const kept = partialTail(rest, this.#tag);
      return kept === rest.length ? 0 : this.#bytes(rest.subarray(0, rest.length - kept));
    }
    const end = rest.indexOf(terminator, this.#tag.length);
    if (end < 0) return rest.length > longestMarkerBytes ? this.#bytes(rest.subarray(0, this.#tag.length)) : 0;
    const length = end + terminator.length;
    this.#marker(rest.subarray(this.#tag.length, end).toString(), length);
    return length;
  }

  /**
   * Drops a marker from outside of the command that has just ended: as if it were not there. They stand before anything of the next command,
   * which is not begun before they are through. Returns its length, 0 when more bytes are needed to know, undefined when it is none.
   */
  #takeStray(rest: Buffer): number | undefined {
    const tag = this.#stray;
    if (tag === undefined || this.#begins !== this.#offset) return undefined;
    if (!rest.subarray(0, tag.length).equals(tag.subarray(0, rest.length))) return undefined;
    const end = rest.indexOf(terminator, tag.length);
    if (end < 0) return rest.length > longestMarkerBytes ? undefined : 0;
    const length = end + terminator.length;
    this.#offset += length;
    this.#begins = this.#offset;
    const { held } = readMarker(rest.subarray(tag.length - ` ${outsideSign}`.length, end).toString());
    if (held) this.#listener.onForeignMarker(this.#number - 1);
    return length;
  }

  #bytes(bytes: Buffer): number {
    this.#offset += bytes.length;
    this.#listener.onBytes(this.#number, bytes);
    return bytes.length;
  }

  #marker(payload: string, length: number): void {
    const { status, held, directory } = readMarker(payload);
    this.#offset += length;
    const number = this.#number;
    const ended = this.#late;
    this.#late = held;
    if (!held) {
      this.#number += 1;
      this.#stray = ownCopy(Buffer.concat([this.#tag, Buffer.from(` ${outsideSign}`)]));
      this.#tag = this.#tagOf(this.#number);
    }
    if (!ended) this.#listener.onEnd({ number, status, directory, held });
    if (held) this.#listener.onForeignMarker(number);
    if (!held) this.#begins = this.#offset;
  }

  #tagOf(number: number): Buffer {
    return ownCopy(Buffer.from(`\u001E${this.#token(number)}`));
  }
}

/**
 * ` <status> <directory>`, where the status is `?` when unknown. One from outside has `!` before its status, or `!b` when something may still
 * hold the stream. A marker of stderr that the shell has written is empty.
 */
function readMarker(payload: string): Pick<StreamEnd, "status" | "held" | "directory"> {
  const [, mark, status, directory] = /^ (!b?)?(\d{1,3}|\?) ([^]*)$/.exec(payload) ?? [];
  return {
    held: mark === `${outsideSign}b`,
    status: status === undefined || status === "?" ? undefined : Number(status),
    directory: directory === undefined || directory === "?" ? undefined : directory,
  };
}
