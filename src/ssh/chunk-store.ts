import { after } from "../base/index.ts";

/** As many bytes are kept at most: what a file far away has on the way. */
const mostKeptBytes = 12 * 1024 * 1024;

/** So long they are kept: the next copy mostly follows soon. */
const keptMs = 10_000;

/**
 * Large buffers of reads that are over, for the next ones. Fresh ones for each file would be new memory beside the old, which stays until the
 * whole heap is collected.
 */
export class ChunkStore {
  #kept: Buffer[] = [];
  #keptBytes = 0;
  #cancel: () => void = () => undefined;

  /** A buffer of exactly that size; what is in it is of no use. */
  take(sizeBytes: number): Buffer {
    const at = this.#kept.findLastIndex(({ length }) => length === sizeBytes);
    const [kept] = at < 0 ? [] : this.#kept.splice(at, 1);
    if (kept === undefined) return Buffer.allocUnsafeSlow(sizeBytes);
    this.#keptBytes -= sizeBytes;
    return kept;
  }

  /** Takes back what `take` gave and nobody looks at or writes to any more. */
  give(buffers: readonly Buffer[]): void {
    if (buffers.length === 0) return;
    for (const buffer of buffers) {
      if (this.#keptBytes + buffer.length > mostKeptBytes) break;
      this.#kept.push(buffer);
      this.#keptBytes += buffer.length;
    }
    this.#cancel();
    this.#cancel = after(keptMs, () => {
      this.#kept = [];
      this.#keptBytes = 0;
    });
  }
}
