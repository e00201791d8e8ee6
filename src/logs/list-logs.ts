import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";

/** One file of a log. */
export interface LogFile {
  readonly path: string;
  /** The session's directory: its name, with what no file name should have replaced. */
  readonly session: string;
  readonly name: string;
  readonly sizeBytes: number;
  readonly changedAtMs: number;
}

/** All files of logs in a directory, the oldest first. */
export async function listLogs(directory: string): Promise<readonly LogFile[]> {
  const files: LogFile[] = [];
  for (const session of await namesIn(directory)) {
    for (const name of await namesIn(join(directory, session))) {
      const path = join(directory, session, name);
      const facts = name.endsWith(".cast") ? await lstat(path).catch(() => undefined) : undefined;
      if (facts?.isFile() !== true) continue;
      files.push({ path, session, name, sizeBytes: facts.size, changedAtMs: facts.mtimeMs });
    }
  }
  return files.toSorted((one, other) => one.changedAtMs - other.changedAtMs);
}

async function namesIn(directory: string): Promise<readonly string[]> {
  return readdir(directory).catch(() => []);
}
