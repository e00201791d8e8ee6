import { createHash } from "node:crypto";
import type { FileHandle } from "node:fs/promises";
import type { SideFacts, SourceFile } from "./copy-side.ts";
import { factsOf } from "./local-words.ts";

/** Read in one step: what one request to a host carries. */
const pieceBytes = 261_120;

/** Pieces that are read before they are asked for: enough that nobody waits for a disk that is fast. */
const piecesAhead = 4;

/** An open file of this machine. */
export class LocalSource implements SourceFile {
  readonly #file: FileHandle;

  constructor(file: FileHandle) {
    this.#file = file;
  }

  async *bytes(from: number, sizeBytes: number): AsyncGenerator<Uint8Array, void> {
    // A file without a size, as in /proc, gives what it likes: there the next place is known when a piece is there.
    if (sizeBytes === 0) yield* this.#onePieceAtATime(from);
    else yield* this.#ahead(from, sizeBytes);
  }

  async *#onePieceAtATime(from: number): AsyncGenerator<Uint8Array, void> {
    for (let at = from; ;) {
      const piece = await this.#read(Buffer.allocUnsafe(pieceBytes), at);
      if (piece.length === 0) return;
      at += piece.length;
      yield piece;
    }
  }

  async *#ahead(from: number, end: number): AsyncGenerator<Uint8Array, void> {
    const underway: Promise<Buffer>[] = [];
    // One more than are read: that of the piece that the caller has. Fresh ones for each piece would mostly keep the collector busy.
    const buffers: Buffer[] = [];
    let next = from;
    let number = 0;
    try {
      for (;;) {
        while (next < end && underway.length < piecesAhead) {
          const slot = number % (piecesAhead + 1);
          const buffer = (buffers[slot] ??= Buffer.allocUnsafe(Math.min(pieceBytes, end - next)));
          const piece = this.#readFull(buffer.subarray(0, end - next), next);
          piece.catch(() => undefined);
          underway.push(piece);
          next += Math.min(buffer.length, end - next);
          number += 1;
        }
        const piece = await underway.shift();
        if (piece === undefined || piece.length === 0) return;
        yield piece;
      }
    } finally {
      await Promise.allSettled(underway);
    }
  }

  /** As much of `target` as there is of the file from `at` on. */
  async #readFull(target: Buffer, at: number): Promise<Buffer> {
    let got = 0;
    while (got < target.length) {
      const { length } = await this.#read(target.subarray(got), at + got);
      if (length === 0) break;
      got += length;
    }
    return target.subarray(0, got);
  }

  async #read(target: Buffer, at: number): Promise<Buffer> {
    const { bytesRead } = await this.#file.read(target, 0, target.length, at);
    return target.subarray(0, bytesRead);
  }

  async facts(): Promise<SideFacts> {
    return factsOf(await this.#file.stat());
  }

  async sha256(lengthBytes: number): Promise<string> {
    return hashOf(this.bytes(0, lengthBytes), lengthBytes);
  }

  async close(): Promise<void> {
    await this.#file.close();
  }
}

/** SHA-256 of the first `lengthBytes` of what comes. */
export async function hashOf(chunks: AsyncIterable<Uint8Array>, lengthBytes: number): Promise<string> {
  const hash = createHash("sha256");
  if (lengthBytes > 0) for await (const chunk of chunks) hash.update(chunk);
  return hash.digest("hex");
}
