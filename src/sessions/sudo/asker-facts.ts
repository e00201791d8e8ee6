import { shellWord } from "../../base/index.ts";

/** Stands for NUL in what `answer.sh` sends of a command line. */
export const argumentEnd = "\u001F";

/** Stands for a newline in what `answer.sh` sends of a file. */
export const lineEnd = "\r";

/** What a host tells of who asks: lines that begin with a word each. */
export class Facts {
  readonly #lines: readonly string[];

  constructor(lines: readonly string[]) {
    this.#lines = lines;
  }

  has(word: string): boolean {
    return this.#lines.some((line) => line === word || line.startsWith(`${word} `));
  }

  all(word: string): readonly string[] {
    return this.#lines.filter((line) => line.startsWith(`${word} `)).map((line) => line.slice(word.length + 1));
  }

  get(word: string): string {
    return this.all(word)[0] ?? "";
  }
}

/** A command line as `answer.sh` sends it, for people. */
export function quoted(line: string): string {
  const words = line.split(argumentEnd).slice(0, -1);
  return words.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : shellWord(word))).join(" ");
}
