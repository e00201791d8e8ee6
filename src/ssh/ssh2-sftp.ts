import type { FileEntryWithStats, SFTPWrapper, Stats } from "ssh2";
import { HoldfastError, messageOf } from "../base/index.ts";
import type { SftpSession, SftpStat } from "./engine.ts";

/** What every server takes in one request (draft-ietf-secsh-filexfer-02 §3 asks for 34000 bytes per packet). */
const chunkBytes = 32_768;

function failure(what: string, path: string, error: unknown): HoldfastError {
  return new HoldfastError("bad_input", `${what} ${path} failed: ${messageOf(error)}`, { cause: error });
}

function statOf(stats: Stats): SftpStat {
  return { sizeBytes: stats.size, mode: stats.mode, uid: stats.uid, gid: stats.gid, modifiedS: stats.mtime };
}

/** SFTP over one subsystem channel of ssh2. Every request ends when the channel does. */
export class Ssh2Sftp implements SftpSession {
  readonly #wrapper: SFTPWrapper;
  readonly #pending = new Set<(reason: HoldfastError) => void>();
  #closed = false;

  constructor(wrapper: SFTPWrapper) {
    this.#wrapper = wrapper;
    wrapper.on("error", () => undefined);
    wrapper.once("close", () => {
      this.#closed = true;
      for (const reject of this.#pending) {
        reject(new HoldfastError("connection_lost", "the file transfer channel was closed"));
      }
    });
  }

  async stat(path: string): Promise<SftpStat> {
    return this.#request("stat", path, (done) => {
      this.#wrapper.stat(path, (error, stats) => (error === undefined ? done(undefined, statOf(stats)) : done(error)));
    });
  }

  async read(path: string, offset: number, lengthBytes: number): Promise<Uint8Array> {
    const handle = await this.#open(path, "r");
    try {
      const pieces: Buffer[] = [];
      for (let got = 0; got < lengthBytes;) {
        const piece = await this.#readPiece(handle, path, offset + got, Math.min(chunkBytes, lengthBytes - got));
        if (piece.length === 0) break;
        pieces.push(piece);
        got += piece.length;
      }
      return Buffer.concat(pieces);
    } finally {
      await this.#closeHandle(handle, path);
    }
  }

  async write(path: string, bytes: Uint8Array, mode: number): Promise<void> {
    const handle = await this.#open(path, "w", mode);
    const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    try {
      for (let sent = 0; sent < all.length; sent += chunkBytes) {
        const length = Math.min(chunkBytes, all.length - sent);
        await this.#request<void>("writing", path, (done) => {
          this.#wrapper.write(handle, all, sent, length, sent, (error) => done(error ?? undefined));
        });
      }
    } finally {
      await this.#closeHandle(handle, path);
    }
  }

  async list(path: string): Promise<readonly string[]> {
    const entries = await this.#request<FileEntryWithStats[]>("listing", path, (done) => {
      this.#wrapper.readdir(path, (error, list) => (error === undefined ? done(undefined, list) : done(error)));
    });
    return entries.map((entry) => entry.filename).filter((name) => name !== "." && name !== "..");
  }

  async remove(path: string): Promise<void> {
    await this.#request<void>("removing", path, (done) => {
      this.#wrapper.unlink(path, (error) => done(error ?? undefined));
    });
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#wrapper.end();
  }

  #open(path: string, flags: "r" | "w", mode = 0o600): Promise<Buffer> {
    return this.#request("opening", path, (done) => {
      this.#wrapper.open(path, flags, mode, (error, handle) =>
        error === undefined ? done(undefined, handle) : done(error),
      );
    });
  }

  #readPiece(handle: Buffer, path: string, offset: number, length: number): Promise<Buffer> {
    const target = Buffer.alloc(length);
    return this.#request("reading", path, (done) => {
      this.#wrapper.read(handle, target, 0, length, offset, (error, got) => {
        // The end of the file is told as an error (SSH_FX_EOF, 1).
        if (error === undefined) done(undefined, target.subarray(0, got));
        else if ("code" in error && error.code === 1) done(undefined, target.subarray(0, 0));
        else done(error);
      });
    });
  }

  async #closeHandle(handle: Buffer, path: string): Promise<void> {
    if (this.#closed) return;
    await this.#request<void>("closing", path, (done) => {
      this.#wrapper.close(handle, (error) => done(error ?? undefined));
    });
  }

  #request<T>(what: string, path: string, send: (done: (error: unknown, value?: T) => void) => void): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.#closed) throw new HoldfastError("connection_lost", "the file transfer channel is closed");
      const give = (reason: HoldfastError): void => {
        this.#pending.delete(give);
        reject(reason);
      };
      this.#pending.add(give);
      send((error, value) => {
        this.#pending.delete(give);
        if (error !== undefined) reject(failure(what, path, error));
        else Reflect.apply(resolve, undefined, [value]);
      });
    });
  }
}
