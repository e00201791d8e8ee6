import { resolve } from "node:path";

/** What a command line says about the settings file. */
export interface ConfigOption {
  /** The words without the option. */
  readonly words: readonly string[];
  /** The absolute path; undefined when none is given. */
  readonly file: string | undefined;
}

/** Takes `--config <file>` out of a command line: it holds for every command. Throws where the file is missing. */
export function takeConfigOption(words: readonly string[]): ConfigOption {
  const end = words.indexOf("--");
  const at = words.findIndex(
    (word, index) => (word === "--config" || word.startsWith("--config=")) && (end < 0 || index < end),
  );
  const word = words[at];
  if (word === undefined) return { words, file: undefined };
  const split = word === "--config";
  const file = split ? words[at + 1] : word.slice("--config=".length);
  if (file === undefined || file === "") throw new Error("--config needs the name of a file");
  return { words: words.filter((_, index) => index !== at && !(split && index === at + 1)), file: resolve(file) };
}
