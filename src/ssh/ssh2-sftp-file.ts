import type { SFTPWrapper, Stats } from "ssh2";
import type { PendingRequests } from "./pending-requests.ts";
import { sendLargeWrite } from "./large-write.ts";
import { attributesOf, factsOf } from "./sftp-facts.ts";
import { isEndOfFile, sftpFailure } from "./sftp-failure.ts";
import type { SftpChange, SftpFacts, SftpFile } from "./sftp-session.ts";

interface OpenFile {
  readonly wrapper: SFTPWrapper;
  readonly requests: PendingRequests;
  readonly handle: Buffer;
  /** For messages. */
  readonly path: string;
  /** Tells the server of room, as far as there is some. */
  refill(): void;
  /** Does what closes the file. */
  closing(work: () => Promise<void>): Promise<void>;
}

type Done<T> = (error: unknown, value?: T) => void;

/** One open file of an ssh2 file transfer channel. */
export class Ssh2SftpFile implements SftpFile {
  readonly #file: OpenFile;
  #closing: Promise<void> | undefined;

  constructor(file: OpenFile) {
    this.#file = file;
  }

  read(offset: number, lengthBytes: number, target = Buffer.allocUnsafe(lengthBytes)): Promise<Uint8Array> {
    this.#file.refill();
    return this.#ask<Uint8Array>("reading", (done) => {
      this.#file.wrapper.read(this.#file.handle, target, 0, lengthBytes, offset, (error, got) => {
        if (isEndOfFile(error)) done(undefined, target.subarray(0, 0));
        else done(error, target.subarray(0, got));
      });
    });
  }

  write(offset: number, bytes: Uint8Array): Promise<void> {
    const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return this.#ask<void>("writing", (done) => {
      if (sendLargeWrite(this.#file.wrapper, { handle: this.#file.handle, offset, bytes: all }, done)) return;
      this.#file.wrapper.write(this.#file.handle, all, 0, all.length, offset, (error) => {
        done(error);
      });
    });
  }

  async facts(): Promise<SftpFacts> {
    return factsOf(await this.#ask<Stats>("reading", (done) => this.#file.wrapper.fstat(this.#file.handle, done)));
  }

  change(change: SftpChange): Promise<void> {
    return this.#ask<void>("changing", (done) =>
      this.#file.wrapper.fsetstat(this.#file.handle, attributesOf(change), done),
    );
  }

  sync(): Promise<boolean> {
    return this.#ask<boolean>("syncing", (done) => {
      try {
        this.#file.wrapper.ext_openssh_fsync(this.#file.handle, (error) => {
          done(error, true);
        });
      } catch {
        // Thrown for a server that does not offer it.
        done(undefined, false);
      }
    });
  }

  close(): Promise<void> {
    this.#closing ??= this.#file.requests.ended
      ? Promise.resolve()
      : this.#file.closing(() =>
          this.#ask<void>("closing", (done) => this.#file.wrapper.close(this.#file.handle, done)),
        );
    return this.#closing;
  }

  #ask<T>(what: string, send: (done: Done<T>) => void): Promise<T> {
    return this.#file.requests.ask<T>(send, (error) => sftpFailure(what, this.#file.path, error));
  }
}
