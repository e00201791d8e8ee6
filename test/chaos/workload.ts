import type { Reply } from "../helpers/reply.ts";
import type { Random } from "./random.ts";

/** A command, and all that is known beforehand of what it must print. */
export interface Workload {
  /** Unique: in the command's text, in all of its lines, and in the log on the host. */
  readonly mark: string;
  readonly command: string;
  readonly background: boolean;
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Draws one. It notes its mark in `log` when it begins, so that a command that ran twice shows. */
export function drawWorkload(random: Random, mark: string, log: string): Workload {
  const lines = random.between(0, 120);
  const sleepS = random.pick(["0.01", "0.02", "0.04"]);
  const burst = random.pick([0, 0, 0, 2000, 30_000]);
  const status = random.pick([0, 0, 1, 3, 42, 255]);
  const command = [
    `echo ${mark} >>${log}`,
    `i=0; while [ $i -lt ${lines} ]; do i=$((i+1)); echo "${mark} out $i"; [ $((i % 3)) -ne 0 ] || echo "${mark} err $i" >&2; sleep ${sleepS}; done`,
    burst === 0 ? ":" : `seq 1 ${burst}`,
    `printf '${mark} last, without a newline'`,
    `(exit ${status})`,
  ].join("\n");
  const numbers = Array.from({ length: lines }, (_, index) => index + 1);
  return {
    mark,
    command,
    background: random.between(1, 5) === 1,
    status,
    stdout:
      numbers.map((n) => `${mark} out ${n}\n`).join("") +
      Array.from({ length: burst }, (_, index) => `${index + 1}\n`).join("") +
      `${mark} last, without a newline`,
    stderr: numbers.flatMap((n) => (n % 3 === 0 ? [`${mark} err ${n}\n`] : [])).join(""),
  };
}

/** How a reply with all of the output differs from what it must be; undefined when it does not. */
export function wrongOutcome(workload: Workload, reply: Reply): string | undefined {
  if (reply.state !== `exit ${workload.status}`) {
    return `exit ${workload.status} was due, the reply is ${reply.firstLine}`;
  }
  // A reply ends stdout with a line break before the mark of stderr.
  const stdout = reply.stderr === "" ? reply.stdout : reply.stdout.replace(/\n$/, "");
  return differs("stdout", stdout, workload.stdout) ?? differs("stderr", reply.stderr, workload.stderr);
}

function differs(stream: string, got: string, due: string): string | undefined {
  if (got === due) return undefined;
  let at = 0;
  while (at < got.length && got[at] === due[at]) at += 1;
  const around = (text: string): string => JSON.stringify(text.slice(Math.max(0, at - 30), at + 50));
  return `${stream} differs at character ${at} of ${due.length} (got ${got.length}): ${around(got)} instead of ${around(due)}`;
}
