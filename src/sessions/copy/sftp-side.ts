import { HoldfastError, asHoldfastError } from "../../base/index.ts";
import type { SftpSession, SshConnection } from "../../ssh/index.ts";
import { readInOrder } from "../../ssh/index.ts";
import { absolutePath } from "../files/sftp-way.ts";
import { hashOf } from "./local-source.ts";
import {
  stagedPath,
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
import { hashByShell } from "./hash-by-shell.ts";
import { findOverSftp } from "./sftp-find.ts";
import { stageOverSftp } from "./sftp-staged.ts";
import { sftpFacts, sftpPath } from "./sftp-words.ts";

const permissionBits = 0o1777;

/** What one directory may hold at most: more is a data base, not a directory. */
const mostEntries = 1_000_000;

interface SftpSideParts {
  readonly connection: SshConnection;
  readonly sftp: SftpSession;
  /** Where relative paths begin; "" for the login's home. */
  readonly directory: string;
}

/** A host as a side of a copy, over SFTP. Names that are no UTF-8 are out of reach there: see `AnyNameSide`. */
export class SftpSide implements CopySide {
  /** Nothing is known of them there: see `AnyNameSide`. */
  readonly extras = undefined;
  readonly bundles = undefined;
  readonly #parts: SftpSideParts;
  readonly #sftp: SftpSession;
  #lanes: readonly Promise<SftpSession>[] | undefined;

  constructor(parts: SftpSideParts) {
    this.#parts = parts;
    this.#sftp = parts.sftp;
  }

  get filesAtOnce(): number {
    return this.#sftp.filesAtOnce;
  }

  async find(path: string): Promise<FoundPlace> {
    const asked = await absolutePath(this.#sftp, path, this.#parts.directory);
    return findOverSftp(this.#sftp, toBytePath(asked.replace(/(?<=.)\/+$/, "")));
  }

  async facts(path: BytePath): Promise<SideFacts | undefined> {
    try {
      return sftpFacts(await this.#sftp.linkFacts(sftpPath(path)));
    } catch (error) {
      if (asHoldfastError(error).code === "file_missing") return undefined;
      throw error;
    }
  }

  async list(path: BytePath): Promise<readonly SideEntry[]> {
    const { entries, more } = await this.#sftp.list(sftpPath(path), mostEntries);
    if (more) throw new HoldfastError("too_large", `${path} has more than ${mostEntries} entries`);
    return entries.map(({ name, facts }) => ({ name: toBytePath(name), facts: sftpFacts(facts) }));
  }

  async linkTarget(path: BytePath): Promise<BytePath> {
    return toBytePath(await this.#sftp.linkTarget(sftpPath(path)));
  }

  async makeLink(path: BytePath, target: BytePath): Promise<void> {
    await this.#sftp.makeLink(sftpPath(path), sftpPath(target));
  }

  async makeDirectory(path: BytePath, mode: number): Promise<void> {
    await this.#sftp.makeDirectory(sftpPath(path), mode);
  }

  async settle(path: BytePath, { mode, modifiedS }: Pick<SideFacts, "mode" | "modifiedS">): Promise<void> {
    await this.#sftp.change(sftpPath(path), { mode: mode & permissionBits, modifiedS });
  }

  async remove(path: BytePath): Promise<void> {
    await this.#sftp.remove(sftpPath(path));
  }

  async removeDirectory(path: BytePath): Promise<void> {
    await this.#sftp.removeDirectory(sftpPath(path));
  }

  async open(path: BytePath): Promise<SourceFile> {
    const sftp = this.#sftp;
    const file = await sftp.open(sftpPath(path), "read");
    return {
      bytes: (from, sizeBytes) => {
        const end = sizeBytes === 0 ? Number.MAX_SAFE_INTEGER : sizeBytes;
        // What has no size is made while it is read, as in /proc, and mostly from its beginning where it is not read in order.
        const pace = sizeBytes === 0 ? { chunkBytes: sftp.chunkBytes, inFlight: 1 } : sftp;
        const range = { from, lengthBytes: Math.max(0, end - from), reuse: true, known: sizeBytes > 0 };
        return readInOrder(file, range, pace);
      },
      facts: async () => sftpFacts(await file.facts()),
      // Nobody waits for what the host says to that.
      close: () => {
        file.close().catch(() => undefined);
        return Promise.resolve();
      },
    };
  }

  async stage(path: BytePath, { mark, fresh }: StageOptions): Promise<StagedFile> {
    const staged = stagedPath(path, mark);
    const sha256 = (lengthBytes: number): Promise<string> => this.sha256(staged, lengthBytes);
    const lanes = (): readonly Promise<SftpSession>[] => (this.#lanes ??= this.#openLanes());
    return stageOverSftp(this.#sftp, { path: sftpPath(path), staged: sftpPath(staged), sha256, lanes }, fresh);
  }

  async sha256(path: BytePath, lengthBytes: number): Promise<string> {
    const there = await hashByShell(this.#parts.connection, path, lengthBytes);
    if (there !== undefined) return there;
    const file = await this.open(path);
    try {
      return await hashOf(file.bytes(0, lengthBytes), lengthBytes);
    } finally {
      await file.close();
    }
  }

  async close(): Promise<void> {
    this.#sftp.close();
    // One that is still waiting for a free channel is closed when it has got it.
    for (const lane of this.#lanes ?? []) lane.then((session) => session.close()).catch(() => undefined);
    this.#lanes = [];
    return Promise.resolve();
  }

  #openLanes(): readonly Promise<SftpSession>[] {
    const { connection } = this.#parts;
    // One stays free for whoever wants to run something.
    const length = Math.max(0, Math.min(this.#sftp.moreChannels, connection.freeChannels - 1));
    return Array.from({ length }, () => {
      const lane = connection.sftp();
      lane.catch(() => undefined);
      return lane;
    });
  }
}
