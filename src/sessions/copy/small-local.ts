import { HoldfastError, oneLine } from "../../base/index.ts";
import { toBytePath, type BytePath, type SideFacts, type SourceFile, type StagedFile } from "./copy-side.ts";
import type { HeldDirectory } from "./local-directories.ts";
import { inWords } from "./local-words.ts";
import { smallFileBytes, type SmallFiles } from "./small-files.ts";

const permissionBits = 0o1777;

interface Place {
  readonly directory: HeldDirectory;
  readonly name: BytePath;
  readonly mark: string;
  readonly shown: string;
}

/** A small file of this machine that was read as a whole. */
export class SmallSource implements SourceFile {
  readonly #bytes: Uint8Array;
  readonly #facts: SideFacts;

  constructor(bytes: Uint8Array, facts: SideFacts) {
    this.#bytes = bytes;
    this.#facts = facts;
  }

  async *bytes(from: number): AsyncGenerator<Uint8Array, void> {
    if (from < this.#bytes.length) yield Promise.resolve(this.#bytes.subarray(from));
  }

  facts(): Promise<SideFacts> {
    return Promise.resolve(this.#facts);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** A small file of this machine that is held until it is whole; there is nothing on the disk before, and its directory is released with it. */
export class SmallStaged implements StagedFile {
  readonly heldBytes = 0;
  readonly #place: Place;
  readonly #files: SmallFiles;
  readonly #chunks: Uint8Array[] = [];
  #heldNow = 0;
  #released = false;

  constructor(place: Place, files: SmallFiles) {
    this.#place = place;
    this.#files = files;
  }

  sha256(): Promise<string> {
    return Promise.reject(new HoldfastError("internal", "a small file is not on the disk yet"));
  }

  async fill(_from: number, chunks: AsyncIterable<Uint8Array>, done: (bytes: number) => void): Promise<number> {
    for await (const chunk of chunks) {
      this.#heldNow += chunk.length;
      if (this.#heldNow > smallFileBytes) throw this.#otherSize(this.#heldNow);
      // A chunk is good until the next one is asked for.
      this.#chunks.push(new Uint8Array(chunk));
      done(chunk.length);
    }
    return this.#heldNow;
  }

  async finish({ mode, modifiedS, sizeBytes }: Pick<SideFacts, "mode" | "modifiedS" | "sizeBytes">): Promise<void> {
    const { directory, name, mark, shown } = this.#place;
    if (this.#heldNow !== sizeBytes) throw this.#otherSize(this.#heldNow);
    const [part, path] = [`.holdfast-part-${mark}`, name].map((one) => directory.at(one).toString("latin1"));
    if (part === undefined || path === undefined) return;
    const bytes = this.#chunks.length === 1 ? this.#chunks[0] : undefined;
    const facts = { mode: mode & permissionBits, modifiedS };
    await inWords(toBytePath(shown), () =>
      this.#files.write({ part, path }, bytes ?? Buffer.concat(this.#chunks), facts),
    );
    await this.leave();
  }

  leave(): Promise<void> {
    if (!this.#released) this.#place.directory.release();
    this.#released = true;
    return Promise.resolve();
  }

  discard(): Promise<void> {
    return this.leave();
  }

  #otherSize(sizeBytes: number): HoldfastError {
    return new HoldfastError(
      "file_changed",
      `${oneLine(this.#place.shown, 300)} came to ${sizeBytes} bytes, another size than told`,
      {
        hint: "Copy it again when nobody writes it",
      },
    );
  }
}
