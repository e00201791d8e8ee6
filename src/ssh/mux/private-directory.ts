import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { wallMs } from "../../base/index.ts";

/** ssh binds its control socket to a longer name first (17 characters more), and the path of a socket has 104 bytes at most on some systems. */
const longestBase = 60;

/** What a process that was killed has left is removed when it is older than this; a login has ended by then in any case. */
const sweepAfterMs = 60 * 60_000;

const prefix = "holdfast-ssh-";

let swept = false;

/** A directory of our own (0700) with a name that nobody can guess. */
export interface PrivateDirectory {
  /** The path of a file in it. */
  file(name: string): string;
  /** Removes it and what is in it. Safe to call twice. */
  remove(): void;
}

/** Makes a directory whose paths are short enough for sockets. Throws when there is no place for it. */
export function makePrivateDirectory(): PrivateDirectory {
  const usual = tmpdir();
  const base = Buffer.byteLength(usual) <= longestBase ? usual : "/tmp";
  sweepOnce(base);
  const path = mkdtempSync(join(base, `${prefix}${process.pid}-`));
  return {
    file: (name) => join(path, name),
    remove: () => {
      rmSync(path, { recursive: true, force: true });
    },
  };
}

/** Removes directories of processes that are no more: killed ones remove nothing. */
function sweepOnce(base: string): void {
  if (swept) return;
  swept = true;
  for (const name of readdirSync(base)) {
    const owner = name.startsWith(prefix) ? Number.parseInt(name.slice(prefix.length), 10) : Number.NaN;
    if (Number.isNaN(owner) || isRunning(owner)) continue;
    try {
      const path = join(base, name);
      const facts = statSync(path);
      const isOurs = facts.isDirectory() && facts.uid === process.getuid?.();
      if (isOurs && wallMs() - facts.mtimeMs > sweepAfterMs) rmSync(path, { recursive: true, force: true });
    } catch {
      // Another process was faster.
    }
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return !(error instanceof Error && "code" in error && error.code === "ESRCH");
  }
}
