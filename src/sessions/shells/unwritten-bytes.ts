/** Room that is made at first; it doubles from there. */
const firstRoomBytes = 1024;

/** Bytes of a stream that are in no file yet: many small pieces become one. Whoever adds to it bounds it. */
export class UnwrittenBytes {
  #room = Buffer.alloc(0);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  add(bytes: Uint8Array): void {
    const wanted = this.#length + bytes.length;
    if (wanted > this.#room.length) {
      const room = Buffer.alloc(Math.max(firstRoomBytes, this.#room.length * 2, wanted));
      room.set(this.bytes());
      this.#room = room;
    }
    this.#room.set(bytes, this.#length);
    this.#length = wanted;
  }

  /** All of them, until something is added. */
  bytes(): Buffer {
    return this.#room.subarray(0, this.#length);
  }

  clear(): void {
    this.#room = Buffer.alloc(0);
    this.#length = 0;
  }
}
