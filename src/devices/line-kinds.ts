import { lineStart } from "./checked-pattern.ts";
import type { Platform, PlatformAsk, PlatformStep } from "./platform.ts";

/** Whether the line with the cursor is a pager's, waiting for a key. */
export function isPager(platform: Platform, line: string): boolean {
  return matches(platform.pager.patterns, line);
}

/** Whether the line with the cursor asks for a password or another secret. */
export function asksSecret(platform: Platform, line: string): boolean {
  return matches(platform.secrets, line);
}

/** Whether the line with the cursor asks something that the agent can answer. */
export function asksQuestion(platform: Platform, line: string): boolean {
  return matches(platform.questions, line);
}

/** Whether a line of output says that the command failed. */
export function isError(platform: Platform, line: string): boolean {
  return matches(platform.errors, line) && !matches(platform.notErrors, line);
}

/** What a step (or the greeting) is asked by the line with the cursor, if anything. */
export function askOf(asks: PlatformStep["asks"], line: string): PlatformAsk | undefined {
  const start = lineStart(line);
  return asks.find(({ pattern }) => pattern.test(start));
}

/** Output that goes somewhere else than to the screen may ask whether it may. */
const goesElsewhere = />|\|\s*(?:redirect|append|tee|save|copy)\b/i;

/** Whether a command only reads and asks nothing, so that a comment may follow it at once. */
export function readsOnly(platform: Platform, command: string): boolean {
  return !goesElsewhere.test(command) && matches(platform.readOnly, command.trim());
}

/** Whether the device's name in the prompt may be another after this command. */
export function mayRename(platform: Platform, command: string): boolean {
  return matches(platform.renames, command.trim());
}

function matches(patterns: readonly RegExp[], line: string): boolean {
  const start = lineStart(line);
  return patterns.some((pattern) => pattern.test(start));
}
