import { HoldfastError } from "../../base/index.ts";

/** What is to be run, and in which surroundings. */
export interface WindowsText {
  readonly text: string;
  readonly directory: string | undefined;
  /** Variables that a login has not; undefined: that it has and this must not. */
  readonly changes: ReadonlyMap<string, string | undefined>;
  /** The value of a variable as far as it is known. */
  readonly known: (name: string) => string | undefined;
  /** Two halves of what is printed before each telling: apart in the line, so that the line itself is none. */
  readonly mark: readonly [left: string, right: string];
  /** Nothing is told behind the output: on a terminal, which would show it. */
  readonly bare: boolean;
}

/** A file that has to be on the host before the line is run. */
export interface ScriptFile {
  /** As an ending, with its dot. */
  readonly ending: string;
  readonly content: string;
}

/** What the server is asked to run. */
export type WindowsLine =
  | { readonly line: string }
  | { readonly file: ScriptFile; readonly lineFor: (path: string) => string };

/** The error for a text that no line can carry. */
export function tooLong(what: string, hint: string): HoldfastError {
  return new HoldfastError("too_large", `${what}; nothing was run`, { hint });
}
