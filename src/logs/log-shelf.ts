import { mkdir, rm, rmdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { randomHex, wallMs } from "../base/index.ts";
import { CastLog, type CastAbout } from "./cast-log.ts";
import { listLogs } from "./list-logs.ts";

/** How much is kept. */
export interface LogLimits {
  /** A file that is longer is closed, and another begun. */
  readonly partBytes: number;
  /** All logs together: beyond it the oldest files are removed. */
  readonly totalBytes: number;
}

/** The directory of logs on this machine, 0700, with one directory for each session; files 0600. */
export class LogShelf {
  readonly #directory: () => string;
  readonly #limits: () => LogLimits;
  /** Logs that are being written. */
  readonly #open = new Set<CastLog>();

  constructor(directory: () => string, limits: () => LogLimits) {
    this.#directory = directory;
    this.#limits = limits;
  }

  /** A log of a session; its first file is made with its first event. `what` goes into the file's name, as `terminal-7`. */
  begin(about: CastAbout, what: string): CastLog {
    const stamp = new Date(wallMs()).toISOString().replaceAll(":", "-").slice(0, 19);
    const session = join(this.#directory(), directoryName(about.session));
    // Logs of the same second are told apart.
    const name = `${stamp}-${what}-${randomHex(2)}`;
    const log = new CastLog({
      about,
      partBytes: this.#limits().partBytes,
      newPart: async (number) => {
        await mkdir(session, { recursive: true, mode: 0o700 });
        await this.#makeRoom();
        return join(session, `${name}${number === 1 ? "" : `.${number}`}.cast`);
      },
    });
    this.#open.add(log);
    return log;
  }

  /** Nothing is written to it any more. */
  end(log: CastLog): void {
    this.#open.delete(log);
  }

  async #makeRoom(): Promise<void> {
    const { partBytes, totalBytes } = this.#limits();
    const inUse = new Set([...this.#open].map(({ path }) => path));
    const files = await listLogs(this.#directory());
    // The one that is about to be written has a place, too.
    let size = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, Math.min(partBytes, totalBytes));
    for (const { path, sizeBytes } of files) {
      if (size <= totalBytes) return;
      if (inUse.has(path)) continue;
      await rm(path, { force: true });
      // Its session's directory may be empty now.
      await rmdir(dirname(path)).catch(() => undefined);
      size -= sizeBytes;
    }
  }
}

function directoryName(session: string): string {
  return (
    session
      .replaceAll(/[^A-Za-z0-9._@-]/g, "_")
      .replace(/^\.+/, "_")
      .slice(0, 120) || "_"
  );
}
