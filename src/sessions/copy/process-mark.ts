import { readFileSync } from "node:fs";

/** Names a process so that another one with its number is not taken for it, where the system tells when it began. */
export function processMark(pid: number = process.pid): string {
  return `${pid}:${startOf(pid)}`;
}

/** Whether the process with this mark is there. */
export function isAlive(mark: string): boolean {
  const pid = Number(mark.split(":")[0]);
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
  return processMark(pid) === mark;
}

/** The 22nd field of /proc/<pid>/stat (proc(5)); the name before may hold anything. */
function startOf(pid: number): string {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    return text.slice(text.lastIndexOf(")") + 2).split(" ")[19] ?? "";
  } catch {
    return "";
  }
}
