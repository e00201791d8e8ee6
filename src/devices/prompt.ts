import type { Platform, PlatformMode } from "./platform.ts";

/** A prompt that was read. */
export interface Prompt {
  readonly mode: PlatformMode;
  /** As it stands on the screen, without blanks at the end. */
  readonly text: string;
  /** The device's name, as far as the prompt shows it. */
  readonly host: string;
  /** What may change from prompt to prompt: the place in the configuration, a path. */
  readonly context: string;
  /** Whether the line above is part of it. */
  readonly hasAbove: boolean;
}

/** No prompt is longer; what is, is output. */
const longestPrompt = 256;

/** Reads `line` (with the line `above` it) as a prompt of the platform; nothing when it is none. */
export function readPrompt(platform: Platform, line: string, above = ""): Prompt | undefined {
  if (line === "" || line.length > longestPrompt) return undefined;
  for (const mode of platform.modes) {
    const prompt = readMode(mode, line, above);
    if (prompt !== undefined) return prompt;
  }
  return undefined;
}

function readMode(mode: PlatformMode, line: string, above: string): Prompt | undefined {
  const found = mode.prompt.exec(line);
  const upper = found === null ? null : readAbove(mode, above);
  if (found === null || (mode.needsAbove && upper === null)) return undefined;
  const { host = "", context = upper?.groups?.["context"] ?? "" } = found.groups ?? {};
  return { mode, text: line.trimEnd(), host, context, hasAbove: upper !== null };
}

function readAbove({ above: pattern }: PlatformMode, above: string): RegExpExecArray | null {
  return above === "" || above.length > longestPrompt || pattern === undefined ? null : pattern.exec(above);
}
