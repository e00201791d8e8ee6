import { ownCopy } from "../../base/index.ts";

/** Record separator (ASCII 30): begins every line of ours inside a stream of bytes. */
const recordSeparator = 0x1e;
const newline = 0x0a;

/** The longest control line. Ours are far shorter: what is longer is none, whoever has sent it. */
const longestLineBytes = 65_536;

export interface ControlListener {
  /** Bytes that are not ours, in order. */
  onData(bytes: Uint8Array): void;
  /** The text of one control line, without tag and newline. */
  onLine(line: string): void;
}

/**
 * Takes the control lines of one attachment (tag: record separator, nonce, blank) out of a stream of bytes, whatever the chunks are.
 * The nonce is fresh for every attachment, so nothing that a command prints can be taken for one. Holds back at most one line.
 */
export class ControlSplitter {
  readonly #tag: Buffer;
  readonly #listener: ControlListener;
  #held: Buffer = Buffer.alloc(0);

  constructor(nonce: string, listener: ControlListener) {
    this.#tag = ownCopy(Buffer.from(`\u001E${nonce} `));
    this.#listener = listener;
  }

  /** Nothing is held back. */
  get idle(): boolean {
    return this.#held.length === 0;
  }

  feed(bytes: Uint8Array): void {
    let rest = this.#joined(bytes);
    for (;;) {
      const at = rest.indexOf(this.#tag);
      if (at < 0) {
        const kept = partialTail(rest, this.#tag);
        this.#data(rest.subarray(0, rest.length - kept));
        this.#held = Buffer.from(rest.subarray(rest.length - kept));
        return;
      }
      const end = rest.indexOf(newline, at + this.#tag.length);
      this.#data(rest.subarray(0, at));
      if ((end < 0 ? rest.length : end) - at > longestLineBytes) {
        this.#data(rest.subarray(at, at + this.#tag.length));
        rest = rest.subarray(at + this.#tag.length);
        continue;
      }
      if (end < 0) {
        this.#held = Buffer.from(rest.subarray(at));
        return;
      }
      const line = rest.subarray(at + this.#tag.length, end).toString();
      rest = rest.subarray(end + 1);
      this.#listener.onLine(line);
    }
  }

  #joined(bytes: Uint8Array): Buffer {
    const fresh = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (this.#held.length === 0) return fresh;
    const joined = Buffer.concat([this.#held, fresh]);
    this.#held = Buffer.alloc(0);
    return joined;
  }

  #data(bytes: Buffer): void {
    if (bytes.length > 0) this.#listener.onData(bytes);
  }
}

/** How many bytes at the end of `bytes` could be the beginning of `tag`, which starts with a record separator. */
export function partialTail(bytes: Buffer, tag: Buffer): number {
  const at = bytes.lastIndexOf(recordSeparator);
  if (at < 0) return 0;
  const length = bytes.length - at;
  return length < tag.length && tag.subarray(0, length).equals(bytes.subarray(at)) ? length : 0;
}
