import type { Platform, PlatformStep, PlatformSteps } from "./platform.ts";

/** A step that a line takes, by its name in the platform's definition. */
export interface NamedStep {
  readonly name: keyof PlatformSteps;
  readonly step: PlatformStep;
}

/** More telling ones first: `commit check` is no `commit`. */
const order = [
  "commitConfirmed",
  "check",
  "confirm",
  "commit",
  "abort",
  "enable",
  "disable",
  "configure",
  "exit",
  "save",
] as const;

/** The step that a typed line takes, abbreviated or not; undefined when it is none. */
export function stepOf(platform: Platform, line: string): NamedStep | undefined {
  const typed = line.trim().split(/\s+/);
  for (const name of order) {
    const step = platform.steps[name];
    if (step !== undefined && takes(step.command, typed, name === "commit")) return { name, step };
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

function isWord(word: string, typed: string): boolean {
  return /^\{\w+\}$/.test(word) ? /^\d+$/.test(typed) : typed !== "" && word.startsWith(typed);
}
