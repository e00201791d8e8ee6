/** What is kept at hand of one stream: its beginning and its end. Everything else stays on the host and is fetched when asked for. */
const headBytes = 64 * 1024;
const tailBytes = 512 * 1024;

/** Shared: thousands of remembered commands have no bytes at hand. */
const noBytes = Buffer.alloc(0);

/** The bytes of one stream of one command, by offset; bounded to about 1 MiB whatever is printed. */
export class OutputWindow {
  #head: Buffer = noBytes;
  #tail: Buffer[] = [];
  #tailLength = 0;
  #total = 0;

  /** Bytes that the stream has had so far. */
  get total(): number {
    return this.#total;
  }

  /** Bytes at hand: what this costs in memory. */
  get heldBytes(): number {
    return this.#head.length + this.#tailLength;
  }

  append(bytes: Uint8Array): void {
    const room = headBytes - this.#head.length;
    const copy = Buffer.from(bytes);
    if (room > 0 && this.#total === this.#head.length) this.#head = Buffer.concat([this.#head, copy.subarray(0, room)]);
    this.#total += copy.length;
    this.#tail.push(copy);
    this.#tailLength += copy.length;
    this.#trim();
  }

  /** Bytes `[from, from + limit)` as far as they exist; undefined when they are no longer at hand. */
  slice(from: number, limit: number): Buffer | undefined {
    const to = Math.min(from + limit, this.#total);
    if (from >= to) return Buffer.alloc(0);
    if (to <= this.#head.length) return Buffer.from(this.#head.subarray(from, to));
    const tailStart = this.#total - this.#tailLength;
    if (from < tailStart) return undefined;
    const tail = Buffer.concat(this.#tail);
    this.#tail = [tail];
    return Buffer.from(tail.subarray(from - tailStart, to - tailStart));
  }

  /** The stream has `total` bytes now, none of which were told: they are to be fetched. */
  grewTo(total: number): void {
    this.#total = Math.max(this.#total, total);
    this.forget();
  }

  /** Lets go of everything: the stream must be fetched from then on. */
  forget(): void {
    this.#head = noBytes;
    this.#tail = [];
    this.#tailLength = 0;
  }

  /** Drops whole chunks from the front while what is left is long enough: cheap, and never less than `tailBytes`. */
  #trim(): void {
    let drop = 0;
    while (drop < this.#tail.length - 1) {
      const length = this.#tail[drop]?.length ?? 0;
      if (this.#tailLength - length < tailBytes) break;
      this.#tailLength -= length;
      drop += 1;
    }
    if (drop > 0) this.#tail = this.#tail.slice(drop);
  }
}
