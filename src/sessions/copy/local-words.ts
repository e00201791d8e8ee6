import type { Stats } from "node:fs";
import { HoldfastError, messageOf } from "../../base/index.ts";
import { saidByHost } from "../files/file-errors.ts";
import { shownPath, type BytePath, type SideFacts } from "./copy-side.ts";

/** Does `work`; what this machine says of a failure is told in our words. */
export async function inWords<T>(path: BytePath, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw saidHere(path, error);
  }
}

/** The error for what this machine says about a path. */
export function saidHere(path: BytePath, error: unknown): HoldfastError {
  if (error instanceof HoldfastError) return error;
  return saidByHost(shownPath(path), messageOf(error).replace(/, \w+ '[^]*$/, ""), " (on this machine)");
}

/** The facts of a file of this machine. */
export function factsOf(stats: Stats): SideFacts {
  const kind = stats.isFile() ? "file" : stats.isDirectory() ? "directory" : stats.isSymbolicLink() ? "link" : "other";
  return { kind, sizeBytes: stats.size, mode: stats.mode & 0o7777, modifiedS: Math.floor(stats.mtimeMs / 1000) };
}
