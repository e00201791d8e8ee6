import { closeSync, fstatSync, ftruncateSync, openSync, readSync, writeSync } from "node:fs";

/** The log may grow to this (1 MiB); then only its end is kept. */
const longestBytes = 1_048_576;
const keptBytes = 262_144;

/** Keeps a log short that others append to, in place. A log that is not there or cannot be written is left alone. */
export function trimLog(path: string): void {
  try {
    const file = openSync(path, "r+");
    try {
      const { size } = fstatSync(file);
      if (size <= longestBytes) return;
      const end = Buffer.alloc(keptBytes);
      const bytesRead = readSync(file, end, 0, keptBytes, size - keptBytes);
      ftruncateSync(file, 0);
      writeSync(file, end, 0, bytesRead, 0);
    } finally {
      closeSync(file);
    }
  } catch {
    // A daemon without a log works as well.
  }
}
