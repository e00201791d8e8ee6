import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

/** What sessions take of their host. */
export interface Footprint {
  readonly processes: number;
  /** Memory of those processes, what they share with others divided by the number of those who share it. */
  readonly bytes: number;
  readonly files: number;
}

/** Counts the processes of user `uid` but those of the SSH server, and the files of sessions in `directory`. Linux only, as root. */
export function footprintOf(uid: number, directory: string): Footprint {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name) && isSessionProcess(name, uid));
  const sessions = readdirSync(directory).filter((name) => name.startsWith(".holdfast-"));
  return {
    processes: pids.length,
    bytes: pids.reduce((sum, pid) => sum + numberIn(`/proc/${pid}/smaps_rollup`, /^Pss:\s+(\d+) kB$/m) * 1024, 0),
    files: sessions.reduce(
      (sum, name) => sum + readdirSync(path.join(directory, name), { recursive: true }).length,
      sessions.length,
    ),
  };
}

function isSessionProcess(pid: string, uid: number): boolean {
  const status = textOf(`/proc/${pid}/status`);
  if (!new RegExp(`^Uid:\\s+${uid}\\s`, "m").test(status) || /^State:\s+Z/m.test(status)) return false;
  return !/^Name:\s+sshd/m.test(status);
}

function numberIn(file: string, pattern: RegExp): number {
  return Number(pattern.exec(textOf(file))?.[1] ?? 0);
}

function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    // Gone while we looked.
    return "";
  }
}
