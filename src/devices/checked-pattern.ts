import { messageOf } from "../base/index.ts";

/** A pattern of a file, compiled, or the reason why it is none. */
export type CheckedPattern = { readonly pattern: RegExp } | { readonly fault: string };

/** Longer ones are no patterns for one line. */
const longestPattern = 1_000;

/** Compiles a pattern of a platform file; a leading `(?i)` ignores case. */
export function checkPattern(text: string): CheckedPattern {
  if (text.length > longestPattern) return { fault: `it has more than ${longestPattern} characters` };
  const ignoresCase = text.startsWith("(?i)");
  const source = ignoresCase ? text.slice("(?i)".length) : text;
  try {
    return { pattern: new RegExp(source, ignoresCase ? "i" : "") };
  } catch (thrown) {
    return { fault: messageOf(thrown) };
  }
}
