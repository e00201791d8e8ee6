import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { UnwrittenBytes } from "./unwritten-bytes.ts";

/** Output kept per command, both streams together: as much as a host keeps of a command in a host shell. */
const longestCommandBytes = 256 * 1024 * 1024;

/** A new file is begun for the next command when one has grown beyond this, so that old output can be let go of. */
const fileBytes = 64 * 1024 * 1024;

/** Files kept, the newest: at most about 1.2 GiB for a session that prints without end, and far less for any other. */
const filesKept = 4;

/** What is collected of a stream before it is written: the streams of a host may take turns byte by byte, and each turn would be a piece. */
const pieceBytes = 64 * 1024;

/** Pieces of one stream, at most: eight times what the largest command needs when it runs alone. Another command's beginning ends one, too. */
const mostPieces = 32_768;

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
  /** What comes behind the last piece, from byte `unwrittenFrom` on. */
  readonly unwritten = new UnwrittenBytes();
  unwrittenFrom = 0;
}

interface SpoolFile {
  readonly descriptor: number;
  size: number;
}

/**
 * Keeps the output of a session that nothing keeps on its host, in files without a name in this machine's temporary directory: they are
 * gone with this process, however it ends. Reading and writing are synchronous, which is what keeps a fast host from outrunning the disk.
 */
export class LocalSpool {
  readonly #files = new Map<number, SpoolFile>();
  /** Those that have something which is in no file. */
  readonly #unwritten = new Set<SpoolPieces>();
  #newest = -1;
  #commandBytes = 0;
  #closed = false;

  /** The command that prints from now on is another one. */
  nextCommand(): void {
    for (const stream of this.#unwritten) this.#write(stream);
    this.#letGo();
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
    const { unwritten } = stream;
    // What comes behind something that was not kept is a piece of its own.
    if (unwritten.length > 0 && stream.unwrittenFrom + unwritten.length !== from && !this.#write(stream)) return false;
    if (unwritten.length === 0) stream.unwrittenFrom = from;
    if (unwritten.length + bytes.length >= pieceBytes) return this.#write(stream, bytes);
    if (stream.pieces.length >= mostPieces) return false;
    unwritten.add(bytes);
    this.#unwritten.add(stream);
    return true;
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
    const skipped = at - stream.unwrittenFrom;
    if (at < to && skipped >= 0 && skipped < stream.unwritten.length) {
      const part = Buffer.from(stream.unwritten.bytes().subarray(skipped, skipped + to - at));
      wanted.push(part);
      at += part.length;
    }
    return at === from && to > from ? undefined : Buffer.concat(wanted);
  }

  close(): void {
    this.#closed = true;
    this.#letGo();
    for (const file of this.#files.values()) closeSync(file.descriptor);
    this.#files.clear();
  }

  #letGo(): void {
    for (const { unwritten } of this.#unwritten) unwritten.clear();
    this.#unwritten.clear();
  }

  /** Writes what a stream has unwritten, and `more` behind it; false when there is no room, and nothing has changed then. */
  #write(stream: SpoolPieces, more: Uint8Array = new Uint8Array()): boolean {
    const from = stream.unwrittenFrom;
    const length = stream.unwritten.length + more.length;
    const last = stream.pieces.at(-1);
    try {
      const file = this.#file();
      const at = file.size;
      const follows = last?.file === this.#newest && last.at + last.length === at && last.from + last.length === from;
      if (!follows && stream.pieces.length >= mostPieces) return false;
      writeWhole(file, stream.unwritten.bytes(), at);
      writeWhole(file, more, at + stream.unwritten.length);
      file.size += length;
      if (follows) last.length += length;
      else stream.pieces.push({ from, file: this.#newest, at, length });
    } catch {
      return false;
    }
    stream.unwritten.clear();
    stream.unwrittenFrom = from + length;
    this.#unwritten.delete(stream);
    return true;
  }

  #file(): SpoolFile {
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

function writeWhole(file: SpoolFile, bytes: Uint8Array, at: number): void {
  for (let done = 0; done < bytes.length;) {
    done += writeSync(file.descriptor, bytes, done, bytes.length - done, at + done);
  }
}
