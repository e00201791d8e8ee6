import type { Reply } from "../helpers/reply.ts";

/** A line every 20 ms for 20 s. */
export const lineCount = 1000;
const exitStatus = 42;

/** Prints the lines, then when it ended (wall clock, ns since 1970, as `date` has it), and ends with a status of its own. */
export const numberedLines = `i=0; while [ $i -lt ${String(lineCount)} ]; do i=$((i+1)); echo "line $i"; sleep 0.02; done; echo "end $(date +%s%N)"; (exit ${String(exitStatus)})`;

/** Enough for all lines in one reply. */
export const wholeOutput = 60_000;

/** How the output and the ending differ from what they must be; undefined when they do not. */
export function wrongLines(reply: Reply): string | undefined {
  if (reply.state !== `exit ${String(exitStatus)}`) return `the reply is ${reply.firstLine}`;
  if (reply.stderr !== "") return `stderr ${JSON.stringify(reply.stderr.slice(0, 200))}`;
  const lines = reply.stdout.trimEnd().split("\n");
  const wrong = lines.findIndex((line, index) => index < lineCount && line !== `line ${String(index + 1)}`);
  if (wrong !== -1) {
    const around = lines.slice(Math.max(0, wrong - 2), wrong + 3).join(", ");
    return `line ${String(wrong + 1)} is ${JSON.stringify(lines[wrong])} (${around}; ${String(lines.length)} lines)`;
  }
  if (lines.length !== lineCount + 1) return `${String(lines.length)} lines`;
  return endedAtMs(reply) === undefined ? "the last line is missing" : undefined;
}

/** When the command says that it ended, in ms since 1970. */
export function endedAtMs(reply: Reply): number | undefined {
  const nanoseconds = /^end (?<at>\d+)$/m.exec(reply.stdout)?.groups?.["at"];
  return nanoseconds === undefined ? undefined : Number(nanoseconds) / 1_000_000;
}
