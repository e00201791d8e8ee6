import { constants } from "node:os";
import { HoldfastError } from "../../base/index.ts";
import type { StopSignal } from "../session-api.ts";
import { encodedLine, powershellWord } from "./powershell-line.ts";

/** Windows has no signals: what is meant to end a command ends its processes. */
const ending: ReadonlySet<StopSignal> = new Set(["INT", "TERM", "KILL", "HUP", "QUIT"]);

/** Throws `unsupported` for what Windows has nothing like. */
export function refuseSignal(command: string, signal: StopSignal): void {
  if (ending.has(signal)) return;
  throw new HoldfastError("unsupported", `Windows has no signal ${signal} that could be sent to ${command}`, {
    hint: "Use INT, TERM or KILL: each ends its processes",
  });
}

/** The status of a command as its state is made of it: of one that was ended by force, as a POSIX shell would tell it; else with its sign. */
export function statusAfter(stopped: StopSignal | undefined, told: number | undefined, status: number): number {
  if (stopped !== undefined && told === undefined) return 128 + (constants.signals[`SIG${stopped}`] ?? 0);
  return status | 0;
}

/** The line that ends a process and all that it has started. */
export function endProcessLine(pid: number): string {
  return `taskkill /T /F /PID ${pid}`;
}

/** The line that does so with the process whose command line has the two halves of a mark one behind the other: cmd.exe does not know its own number. */
export function endMarkedLine([left, right]: readonly [string, string]): string {
  const pattern = powershellWord(`*${left}^${right}*`);
  return encodedLine(
    "powershell",
    [
      "$ProgressPreference = 'SilentlyContinue'",
      `Get-CimInstance Win32_Process | Where-Object { $_.CommandLine -like ${pattern} } |`,
      "ForEach-Object { taskkill /T /F /PID $_.ProcessId }",
    ].join("\n"),
  );
}
