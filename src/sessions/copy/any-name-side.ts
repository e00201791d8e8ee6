import { asHoldfastError, type HoldfastError } from "../../base/index.ts";
import {
  isUtf8,
  toBytePath,
  type BytePath,
  type CopySide,
  type FoundPlace,
  type SideEntry,
  type SideFacts,
  type SourceFile,
  type StagedFile,
  type StageOptions,
} from "./copy-side.ts";
import type { FileExtras } from "./extras.ts";
import { keepingExtras } from "./keeping-extras.ts";

/** What stands for bytes that are no UTF-8 where a name has been read as text. */
const unreadable = Buffer.from("\uFFFD").toString("latin1");

/** Of a look for a reason where nothing is staged. */
const noMark = "why";

/** The way through a shell, which also tells why something cannot be written. */
export interface TellingSide extends CopySide {
  readonly extras: FileExtras;
  reason(path: BytePath, mark: string): Promise<HoldfastError | undefined>;
}

/**
 * A host as a side of a copy, over SFTP where it can be: what has a name that is no UTF-8, which cannot be named there, goes through a shell. Where the
 * host has none, that is refused as `unsupported`. A shell is also asked for the reason of a failure, which SFTP mostly keeps to itself.
 */
export class AnyNameSide implements CopySide {
  /** With many requests on the way, file transfer is as fast (docs/benchmarks.md). */
  readonly bundles = undefined;
  readonly #sftp: CopySide;
  readonly #shell: TellingSide;

  constructor(sftp: CopySide, shell: TellingSide) {
    this.#sftp = sftp;
    this.#shell = shell;
  }

  get filesAtOnce(): number {
    return this.#sftp.filesAtOnce;
  }

  get extras(): FileExtras {
    return this.#shell.extras;
  }

  async find(path: string): Promise<FoundPlace> {
    const found = await this.#told(toBytePath(path), noMark, () => this.#sftp.find(path));
    return found.path.includes(unreadable) ? this.#shell.find(path) : found;
  }

  facts(path: BytePath): Promise<SideFacts | undefined> {
    return this.#for(path).facts(path);
  }

  async list(path: BytePath): Promise<readonly SideEntry[]> {
    const entries = await this.#for(path).list(path);
    if (!entries.some(({ name }) => name.includes(unreadable))) return entries;
    try {
      return await this.#shell.list(path);
    } catch (error) {
      if (asHoldfastError(error).code !== "unsupported") throw error;
      return entries;
    }
  }

  async linkTarget(path: BytePath): Promise<BytePath> {
    const target = await this.#for(path).linkTarget(path);
    return target.includes(unreadable) ? this.#shell.linkTarget(path) : target;
  }

  makeLink(path: BytePath, target: BytePath): Promise<void> {
    return this.#told(path, noMark, () => this.#for(path, target).makeLink(path, target));
  }

  makeDirectory(path: BytePath, mode: number): Promise<void> {
    return this.#told(path, noMark, () => this.#for(path).makeDirectory(path, mode));
  }

  settle(path: BytePath, facts: Pick<SideFacts, "mode" | "modifiedS">): Promise<void> {
    return this.#for(path).settle(path, facts);
  }

  remove(path: BytePath): Promise<void> {
    return this.#for(path).remove(path);
  }

  removeDirectory(path: BytePath): Promise<void> {
    return this.#for(path).removeDirectory(path);
  }

  open(path: BytePath): Promise<SourceFile> {
    return this.#for(path).open(path);
  }

  async stage(path: BytePath, options: StageOptions): Promise<StagedFile> {
    const { mark } = options;
    const side = this.#for(path);
    const plain = await this.#told(path, mark, () => side.stage(path, options));
    const { extras } = this.#shell;
    const staged = side === this.#shell ? plain : keepingExtras(plain, { path, options, extras });
    return {
      heldBytes: staged.heldBytes,
      sha256: (lengthBytes) => staged.sha256(lengthBytes),
      fill: (from, chunks, done) => this.#told(path, mark, () => staged.fill(from, chunks, done)),
      finish: (facts) => this.#told(path, mark, () => staged.finish(facts)),
      leave: () => staged.leave(),
      discard: () => staged.discard(),
    };
  }

  sha256(path: BytePath, lengthBytes: number): Promise<string> {
    return this.#for(path).sha256(path, lengthBytes);
  }

  async close(): Promise<void> {
    await Promise.all([this.#sftp.close(), this.#shell.close()]);
  }

  async #told<T>(path: BytePath, mark: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (asHoldfastError(error).code !== "file_failed") throw error;
      throw (await this.#shell.reason(path, mark)) ?? error;
    }
  }

  #for(...paths: readonly BytePath[]): CopySide {
    return paths.every(isUtf8) ? this.#sftp : this.#shell;
  }
}
