import { open } from "node:fs/promises";

/** The log may grow to this (1 MiB); then only its end is kept. */
const longestBytes = 1_048_576;
const keptBytes = 262_144;

/** Keeps a log short that others append to, in place. A log that is not there or cannot be written is left alone. */
export async function trimLog(path: string): Promise<void> {
  try {
    const file = await open(path, "r+");
    try {
      const { size } = await file.stat();
      if (size <= longestBytes) return;
      const end = Buffer.alloc(keptBytes);
      const { bytesRead } = await file.read(end, 0, keptBytes, size - keptBytes);
      await file.truncate(0);
      await file.write(end, 0, bytesRead, 0);
    } finally {
      await file.close();
    }
  } catch {
    // A daemon without a log works as well.
  }
}
