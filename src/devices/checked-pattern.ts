import { messageOf } from "../base/index.ts";
import { mostSteps } from "./pattern-cost.ts";
import { parsePattern } from "./pattern-syntax.ts";

/** A pattern of a file, compiled, or the reason why it is none. */
export type CheckedPattern = { readonly pattern: RegExp } | { readonly fault: string };

/** Longer ones are no patterns for one line. */
const longestPattern = 1_000;

/** Patterns are tried on so much of a line: looking at more would tell nothing more. */
const lookedAt = 512;

/** Some milliseconds on the worst of lines. What goes beyond repeats without bound where it could match in many ways. */
const mostStepsAllowed = 250_000;

/** Compiles a pattern of a platform file, if it cannot take long on any line; a leading `(?i)` ignores case. */
export function checkPattern(text: string): CheckedPattern {
  if (text.length > longestPattern) return { fault: `it has more than ${longestPattern} characters` };
  const ignoresCase = text.startsWith("(?i)");
  const source = ignoresCase ? text.slice("(?i)".length) : text;
  try {
    const pattern = new RegExp(source, ignoresCase ? "i" : "");
    if (mostSteps(parsePattern(source), lookedAt) <= mostStepsAllowed) return { pattern };
    return {
      fault: "it could take too long on some lines: begin it with ^ and bound what it repeats, like [a-z]{1,40}",
    };
  } catch (thrown) {
    return { fault: messageOf(thrown) };
  }
}

/** The beginning of a line, as far as patterns look at it. */
export function lineStart(line: string): string {
  return line.length > lookedAt ? line.slice(0, lookedAt) : line;
}
