import { constants } from "node:fs";
import { open, rename, unlink, type FileHandle } from "node:fs/promises";
import { HoldfastError, oneLine } from "../../base/index.ts";
import { toBytePath, type BytePath, type SideFacts, type StagedFile } from "./copy-side.ts";
import type { HeldDirectory } from "./local-directories.ts";
import { hashOf, LocalSource } from "./local-source.ts";
import { inWords } from "./local-words.ts";
import { isZero } from "./is-zero.ts";

const permissionBits = 0o1777;

interface Place {
  readonly directory: HeldDirectory;
  readonly name: BytePath;
  readonly mark: string;
  readonly shown: string;
}

/** Opens the temporary file for a file of this machine. The directory is released with it. */
export async function stageLocally(place: Place, fresh: boolean): Promise<StagedFile> {
  const path = place.directory.at(`.holdfast-part-${place.mark}`);
  const flags = constants.O_RDWR | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const create = (): Promise<FileHandle> => open(path, flags | constants.O_CREAT | constants.O_EXCL, 0o600);
  // Mostly there is nothing: to look first would cost more than the file.
  const made = await create().catch((error: unknown) => {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return undefined;
    throw error;
  });
  if (made !== undefined) return new LocalStaged(place, made, 0);
  if (!fresh) {
    const there = await open(path, flags).catch(() => undefined);
    const facts = await there?.stat();
    const ours = facts?.isFile() === true && facts.nlink === 1 && facts.uid === (process.getuid?.() ?? facts.uid);
    if (there !== undefined && ours) return new LocalStaged(place, there, facts.size);
    await there?.close();
  }
  await unlink(path).catch(() => undefined);
  return new LocalStaged(place, await create(), 0);
}

class LocalStaged implements StagedFile {
  readonly heldBytes: number;
  readonly #place: Place;
  readonly #file: FileHandle;
  #closed = false;

  constructor(place: Place, file: FileHandle, heldBytes: number) {
    this.#place = place;
    this.#file = file;
    this.heldBytes = heldBytes;
  }

  async sha256(lengthBytes: number): Promise<string> {
    return hashOf(new LocalSource(this.#file).bytes(0, lengthBytes), lengthBytes);
  }

  async fill(from: number, chunks: AsyncIterable<Uint8Array>, done: (bytes: number) => void): Promise<number> {
    return this.#inWords(async () => {
      if (this.heldBytes > from) await this.#file.truncate(from);
      let at = from;
      let holes = false;
      for await (const chunk of chunks) {
        // A hole reads as zeros and takes no room.
        if (isZero(chunk)) holes = true;
        else await writeAll(this.#file, chunk, at);
        at += chunk.length;
        done(chunk.length);
      }
      if (holes) await this.#file.truncate(at);
      return at;
    });
  }

  async finish({ mode, modifiedS, sizeBytes }: Pick<SideFacts, "mode" | "modifiedS" | "sizeBytes">): Promise<void> {
    const { directory, name, mark, shown } = this.#place;
    await this.#inWords(async () => {
      const { size } = await this.#file.stat();
      if (size !== sizeBytes) {
        throw new HoldfastError("file_failed", `${oneLine(shown, 300)} came to ${size} bytes instead of ${sizeBytes}`, {
          hint: "Copy it again",
        });
      }
      await this.#file.chmod(mode & permissionBits);
      await this.#file.utimes(modifiedS, modifiedS);
      await rename(directory.at(`.holdfast-part-${mark}`), directory.at(name));
    });
    await this.leave();
  }

  async leave(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#file.close().catch(() => undefined);
    this.#place.directory.release();
  }

  async discard(): Promise<void> {
    const { directory, mark } = this.#place;
    if (!this.#closed) await unlink(directory.at(`.holdfast-part-${mark}`)).catch(() => undefined);
    await this.leave();
  }

  #inWords<T>(work: () => Promise<T>): Promise<T> {
    return inWords(toBytePath(this.#place.shown), work);
  }
}

async function writeAll(file: FileHandle, chunk: Uint8Array, at: number): Promise<void> {
  for (let sent = 0; sent < chunk.length;) {
    const { bytesWritten } = await file.write(chunk, sent, chunk.length - sent, at + sent);
    sent += bytesWritten;
  }
}
