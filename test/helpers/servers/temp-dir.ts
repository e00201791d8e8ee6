import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onExit } from "./on-exit.ts";

export interface TempDir {
  readonly path: string;
  /** Removes the directory and all in it. Safe to call twice. */
  remove(): void;
}

let swept = false;

function sweep(name: string): void {
  const owner = /^hf-(\d+)-/.exec(name)?.[1];
  if (owner === undefined || existsSync(`/proc/${owner}`)) return;
  try {
    const path = join(tmpdir(), name);
    if (statSync(path).uid === process.getuid?.()) rmSync(path, { recursive: true, force: true });
  } catch {
    // Another test process was faster.
  }
}

/** Removes what test processes that were killed have left. */
function sweepOnce(): void {
  if (swept || !existsSync("/proc/self")) return;
  swept = true;
  for (const name of readdirSync(tmpdir())) sweep(name);
}

/** A new private directory (0700); its name tells the process that owns it, so that leftovers of dead ones can be swept. */
export function makeTempDir(): TempDir {
  sweepOnce();
  const path = mkdtempSync(join(tmpdir(), `hf-${process.pid}-`));
  const remove = onExit(() => {
    rmSync(path, { recursive: true, force: true, maxRetries: 5 });
  });
  return { path, remove };
}
