import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onExit } from "./on-exit.ts";

export interface TempDir {
  readonly path: string;
  /** Removes the directory and all in it. Safe to call twice. */
  remove(): void;
}

/** A new private directory (0700); its name tells the process that owns it, so that leftovers of dead ones can be swept. */
export function makeTempDir(): TempDir {
  const path = mkdtempSync(join(tmpdir(), `hf-${process.pid}-`));
  const remove = onExit(() => {
    rmSync(path, { recursive: true, force: true, maxRetries: 5 });
  });
  return { path, remove };
}
