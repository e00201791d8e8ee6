import { readFileSync, writeFileSync } from "node:fs";

/** Resident memory of process `pid`, now and at its highest since `resetPeak`, in bytes. Linux only. */
export function residentBytes(pid: number, which: "now" | "peak"): number {
  const field = { now: "VmRSS", peak: "VmHWM" }[which];
  const found = new RegExp(`^${field}:\\s+(\\d+) kB$`, "m").exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  if (found === undefined) throw new Error(`/proc/${pid}/status has no ${field}`);
  return Number(found) * 1024;
}

/** Sets the highest value of process `pid` to the one of now. */
export function resetPeak(pid: number): void {
  // proc_pid_clear_refs(5): 5 resets the peak of the resident set.
  writeFileSync(`/proc/${pid}/clear_refs`, "5");
}
