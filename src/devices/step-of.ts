import type { Platform, PlatformStep, PlatformSteps } from "./platform.ts";

/** A step that a line takes, by its name in the platform's definition. */
export interface NamedStep {
  readonly name: keyof PlatformSteps;
  readonly step: PlatformStep;
  /** Of a commit that has to be confirmed: within which time; undefined where the line does not tell, and for other steps. */
  readonly limitMs?: number | undefined;
}

/** More telling ones first: `commit check` is no `commit`, nor is `commit confirmed`, and none of these is `commit confirmed cancel`. */
const order = [
  "check",
  "confirm",
  "revoke",
  "commitConfirmed",
  "commit",
  "abort",
  "enable",
  "disable",
  "configure",
  "exit",
  "save",
] as const;

/** Of a commit without a time: all platforms that have it say ten minutes. */
const usualLimitMs = 600_000;

/** The step that a typed line takes, abbreviated or not; undefined when it is none. */
export function stepOf(platform: Platform, line: string): NamedStep | undefined {
  const typed = line.trim().split(/\s+/);
  for (const name of order) {
    const step = platform.steps[name];
    if (step === undefined) continue;
    if (name === "commitConfirmed") {
      const limit = limitOf(step.command, typed, platform.steps.commit?.command);
      if (limit !== undefined) return { name, step, ...limit };
    } else if (takes(step.command, typed, name === "commit")) return { name, step };
  }
  return undefined;
}

/** `more`: further words change nothing of what it is. */
function takes(command: string, typed: readonly string[], more: boolean): boolean {
  const words = command.split(" ");
  const [first = ""] = typed;
  if (first.length < Math.min(2, command.length)) return false;
  if (more ? typed.length < words.length : typed.length !== words.length) return false;
  return words.every((word, at) => isWord(word, typed[at] ?? ""));
}

/** How long a commit that has to be confirmed waits, in whatever form its time is typed; undefined when it is no such commit. */
function limitOf(
  command: string,
  typed: readonly string[],
  commit: string | undefined,
): { readonly limitMs: number | undefined } | undefined {
  const words = command.split(" ");
  // Where the one is the beginning of the other's word, it is no abbreviation of it.
  if (typed[0] === commit && words[0] !== commit) return undefined;
  const head = words.slice(0, 2).filter((word) => !isPlaceholder(word));
  if (!takes(head.join(" "), typed, true)) return undefined;
  if (typed.length === head.length) return { limitMs: usualLimitMs };
  // Some take it in other units, too, with other words.
  if (!takes(command, typed, true)) return { limitMs: undefined };
  const at = words.findIndex(isPlaceholder);
  return { limitMs: Number(typed[at]) * (words[at] === "{minutes}" ? 60_000 : 1_000) };
}

function isWord(word: string, typed: string): boolean {
  return isPlaceholder(word) ? /^\d{1,6}$/.test(typed) : typed !== "" && word.startsWith(typed);
}

function isPlaceholder(word: string): boolean {
  return /^\{\w+\}$/.test(word);
}
