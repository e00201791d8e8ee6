import type { Random } from "./random.ts";
import { drawKind } from "./workload-kinds.ts";

/** What is done to a command while it runs, beside the fault. */
export type Act =
  | { readonly kind: "none" }
  /** Lines that are typed into it one after the other, then its end of file; it prints `got <line>` for each. */
  | { readonly kind: "lines"; readonly lines: readonly string[] }
  /** C-c, once it has printed what it prints. */
  | { readonly kind: "interrupt" };

/** A command, and all that is known beforehand of what must become of it. */
export interface Workload {
  readonly kind: string;
  /** Unique: in the command's text, and in the log on the host. */
  readonly mark: string;
  readonly command: string;
  /** Arguments of the call beside `on`, `command` and `wait_s`. */
  readonly more: Readonly<Record<string, unknown>>;
  /** States that the reply may begin with in the end. */
  readonly states: readonly string[];
  readonly stdout: Buffer;
  readonly stderr: Buffer;
  /** What a background job adds to stdout after the end. */
  readonly late: string;
  readonly act: Act;
}

interface Draw {
  readonly mark: string;
  /** Where the command notes its mark when it begins, so that one that ran twice shows. */
  readonly log: string;
  /** A part of the names of kinds that may be drawn. */
  readonly kind: string;
}

/** Draws one. */
export function drawWorkload(random: Random, { mark, log, kind }: Draw): Workload {
  const drawn = drawKind(random, mark, kind);
  const background = random.between(1, 5) === 1 && drawn.act === undefined;
  const keyed = random.between(1, 3) === 1;
  return {
    kind: drawn.kind,
    mark,
    command: `echo ${mark} >>${log}\n${drawn.command}`,
    more: { ...drawn.more, ...(background ? { background } : {}), ...(keyed ? { key: `key-${mark}` } : {}) },
    states: drawn.states,
    stdout: Buffer.from(drawn.stdout ?? ""),
    stderr: Buffer.from(drawn.stderr ?? ""),
    late: drawn.late ?? "",
    act: drawn.act ?? { kind: "none" },
  };
}

/** Both streams of a command, as `raw` replies show them. */
export interface Streams {
  readonly stdout: string;
  readonly stderr: string;
}

/** How the end of a command differs from what it must be; undefined when it does not. `unsure`: lines that may or may not have been taken. */
export function wrongEnd(
  workload: Workload,
  state: string,
  streams: Streams,
  unsure: ReadonlySet<string>,
): string | undefined {
  const { kind } = workload;
  if (!workload.states.includes(state)) return `${kind}: ${workload.states.join(" or ")} was due, not ${state}`;
  const due = dueStdout(workload, streams.stdout, unsure);
  const wrong = differs("stdout", streams.stdout, due + workload.late) ?? wrongStderr(workload, streams.stderr);
  return wrong === undefined ? undefined : `${kind}: ${wrong}`;
}

/** Shells may say what ended a command by force, or end its line. */
function wrongStderr({ kind, stderr }: Workload, got: string): string | undefined {
  const forced = kind === "limited" || kind === "interrupted";
  const shown = forced ? got.replaceAll(/^.*(?:Terminated|Killed|terminated).*\n/gm, "").trim() : got;
  return differs("stderr", shown, stderr.toString());
}

/** What stdout must be: of the lines that nobody knows to have been taken, those that it shows. */
function dueStdout({ act, stdout }: Workload, got: string, unsure: ReadonlySet<string>): string {
  if (act.kind !== "lines") return stdout.toString();
  const taken = act.lines.filter((line) => !unsure.has(line) || got.includes(`got ${line}\n`));
  return `${stdout.toString()}${taken.map((line) => `got ${line}\n`).join("")}end of input\n`;
}

function differs(stream: string, got: string, due: string): string | undefined {
  if (got === due) return undefined;
  let at = 0;
  while (at < got.length && got[at] === due[at]) at += 1;
  const around = (text: string): string => JSON.stringify(text.slice(Math.max(0, at - 30), at + 50));
  return `${stream} differs at character ${at} of ${due.length} (got ${got.length}): ${around(got)} instead of ${around(due)}`;
}
