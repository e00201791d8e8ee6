import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Output kept per command, both streams together: as much as a host keeps of a command in a host shell. */
const longestCommandBytes = 256 * 1024 * 1024;

/** A new file is begun for the next command when one has grown beyond this, so that old output can be let go of. */
const fileBytes = 64 * 1024 * 1024;

/** Files kept, the newest: at most about 1.2 GiB for a session that prints without end, and far less for any other. */
const filesKept = 4;

interface Piece {
  readonly from: number;
  readonly file: number;
  readonly at: number;
  length: number;
}

/** Where the bytes of one stream of one command are, as far as they are kept. */
export class SpoolPieces {
  readonly pieces: Piece[] = [];
  total = 0;
}

/**
 * Keeps the output of a session that nothing keeps on its host, in files without a name in this machine's temporary directory: they are
 * gone with this process, however it ends. Reading and writing are synchronous, which is what keeps a fast host from outrunning the disk.
 */
export class LocalSpool {
  readonly #files = new Map<number, { readonly descriptor: number; size: number }>();
  #newest = -1;
  #commandBytes = 0;
  #closed = false;

  /** The command that prints from now on is another one. */
  nextCommand(): void {
    this.#commandBytes = 0;
    if ((this.#files.get(this.#newest)?.size ?? 0) > fileBytes) this.#newest += 1;
    for (const [number, file] of this.#files) {
      if (number > this.#newest - filesKept) continue;
      closeSync(file.descriptor);
      this.#files.delete(number);
    }
  }

  /** Appends to a stream; false when it could not be kept (too much, or no room on this machine). */
  append(stream: SpoolPieces, bytes: Uint8Array): boolean {
    const from = stream.total;
    stream.total += bytes.length;
    this.#commandBytes += bytes.length;
    if (this.#closed || this.#commandBytes > longestCommandBytes) return false;
    try {
      const file = this.#file();
      const at = file.size;
      for (let done = 0; done < bytes.length;) {
        done += writeSync(file.descriptor, bytes, done, bytes.length - done, at + done);
      }
      file.size += bytes.length;
      const last = stream.pieces.at(-1);
      if (
        last !== undefined &&
        last.file === this.#newest &&
        last.at + last.length === at &&
        last.from + last.length === from
      ) {
        last.length += bytes.length;
      } else stream.pieces.push({ from, file: this.#newest, at, length: bytes.length });
      return true;
    } catch {
      return false;
    }
  }

  /** Bytes of a stream from `from` on, at most `limit`, at least one; undefined when they are not kept (any more). */
  read(stream: SpoolPieces, from: number, limit: number): Buffer | undefined {
    const wanted: Buffer[] = [];
    let at = from;
    const to = Math.min(from + limit, stream.total);
    for (const piece of stream.pieces) {
      if (at >= to || piece.from > at) break;
      if (piece.from + piece.length <= at) continue;
      const file = this.#files.get(piece.file);
      if (file === undefined) break;
      const part = Buffer.alloc(Math.min(piece.from + piece.length, to) - at);
      readSync(file.descriptor, part, 0, part.length, piece.at + at - piece.from);
      wanted.push(part);
      at += part.length;
    }
    return at === from && to > from ? undefined : Buffer.concat(wanted);
  }

  close(): void {
    this.#closed = true;
    for (const file of this.#files.values()) closeSync(file.descriptor);
    this.#files.clear();
  }

  #file(): { readonly descriptor: number; size: number } {
    this.#newest = Math.max(0, this.#newest);
    const there = this.#files.get(this.#newest);
    if (there !== undefined) return there;
    const directory = mkdtempSync(join(tmpdir(), "holdfast-"));
    try {
      const made = { descriptor: openSync(join(directory, "output"), "wx+", 0o600), size: 0 };
      this.#files.set(this.#newest, made);
      return made;
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  }
}
