import { readdirSync, readFileSync } from "node:fs";

/** Every process whose environment holds `mark`, as `<pid> <command line>`; those of other users are not seen. */
export function processesMarked(mark: string): readonly string[] {
  return readdirSync("/proc").flatMap((pid) => {
    if (!/^\d+$/.test(pid)) return [];
    try {
      if (!readFileSync(`/proc/${pid}/environ`, "utf8").includes(mark)) return [];
      return [`${pid} ${readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim()}`];
    } catch {
      // Gone while we looked.
      return [];
    }
  });
}

/** The directories on the host that these processes keep their session in. */
export function sessionDirectories(processes: readonly string[]): readonly string[] {
  return [...new Set(processes.flatMap((line) => line.match(/\/[^\s']*\/\.holdfast-[0-9a-f]{16}/g) ?? []))];
}
