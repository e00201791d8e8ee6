import { asHoldfastError } from "../../base/index.ts";
import {
  isUtf8,
  type BytePath,
  type CopySide,
  type SideEntry,
  type SideFacts,
  type SourceFile,
  type StagedFile,
} from "./copy-side.ts";

/** What stands for bytes that are no UTF-8 where a name has been read as text. */
const unreadable = Buffer.from("\uFFFD").toString("latin1");

/**
 * A host as a side of a copy, over SFTP where it can be: what has a name that is no UTF-8, which cannot be named there, goes through a shell. Where the
 * host has none, that is refused as `unsupported`.
 */
export class AnyNameSide implements CopySide {
  readonly #sftp: CopySide;
  readonly #shell: CopySide;

  constructor(sftp: CopySide, shell: CopySide) {
    this.#sftp = sftp;
    this.#shell = shell;
  }

  get filesAtOnce(): number {
    return this.#sftp.filesAtOnce;
  }

  async resolve(path: string): Promise<BytePath> {
    const real = await this.#sftp.resolve(path);
    return real.includes(unreadable) ? this.#shell.resolve(path) : real;
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
    return this.#for(path, target).makeLink(path, target);
  }

  makeDirectory(path: BytePath, mode: number): Promise<void> {
    return this.#for(path).makeDirectory(path, mode);
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

  stage(path: BytePath, mark: string, fresh: boolean): Promise<StagedFile> {
    return this.#for(path).stage(path, mark, fresh);
  }

  sha256(path: BytePath, lengthBytes: number): Promise<string> {
    return this.#for(path).sha256(path, lengthBytes);
  }

  async close(): Promise<void> {
    await Promise.all([this.#sftp.close(), this.#shell.close()]);
  }

  #for(...paths: readonly BytePath[]): CopySide {
    return paths.every(isUtf8) ? this.#sftp : this.#shell;
  }
}
