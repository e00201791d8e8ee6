import { createHash } from "node:crypto";
import type { FileHandle } from "node:fs/promises";
import type { SideFacts, SourceFile } from "./copy-side.ts";
import { factsOf } from "./local-words.ts";

/** Read in one step: what one request to a host carries. */
const pieceBytes = 261_120;

/** An open file of this machine. */
export class LocalSource implements SourceFile {
  readonly #file: FileHandle;

  constructor(file: FileHandle) {
    this.#file = file;
  }

  async *bytes(from: number, sizeBytes: number): AsyncGenerator<Uint8Array, void> {
    const end = sizeBytes === 0 ? Number.MAX_SAFE_INTEGER : sizeBytes;
    for (let at = from; at < end;) {
      const wanted = Math.min(pieceBytes, end - at);
      const piece = Buffer.allocUnsafe(wanted);
      const { bytesRead } = await this.#file.read(piece, 0, wanted, at);
      if (bytesRead === 0) return;
      at += bytesRead;
      yield piece.subarray(0, bytesRead);
    }
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
