import { count } from "./reply.ts";

interface WindowOptions {
  readonly contextLines: number;
  /** Only the last so many matches are shown. */
  readonly tail: number | undefined;
  /** Characters of text. */
  readonly budget: number;
}

interface Block {
  /** Number of the first line. */
  readonly start: number;
  readonly lines: string[];
  matches: number;
}

/** Collects matching lines with the lines around them, as grep does, within a bound: the first and the last ones when there are too many. */
export class MatchWindow {
  readonly #options: WindowOptions;
  readonly #head: Block[] = [];
  readonly #tail: Block[] = [];
  #headLength = 0;
  #tailLength = 0;
  #tailMatches = 0;
  #leftOut = 0;
  #before: string[] = [];
  #open: Block | undefined;
  #after = 0;
  matches = 0;
  lines = 0;

  constructor(options: WindowOptions) {
    this.#options = options;
  }

  /** The next lines, and which of them match. */
  add(lines: readonly string[], matching: readonly number[]): void {
    const hits = new Set(matching);
    for (const [index, line] of lines.entries()) this.#addLine(line, hits.has(index));
  }

  /** Everything collected; blocks that do not touch are separated by `--` where there is context. */
  text(): string {
    this.#closeBlock();
    const join = this.#options.contextLines > 0 ? "\n--\n" : "\n";
    const parts = [
      this.#head.map(textOf).join(join),
      this.#leftOut > 0 ? leftOutLine(this.#leftOut) : "",
      this.#tail.map(textOf).join(join),
    ];
    return parts.filter((part) => part !== "").join("\n");
  }

  #addLine(whole: string, hit: boolean): void {
    const { contextLines, budget } = this.#options;
    const line = whole.slice(0, budget);
    this.lines += 1;
    if (hit) this.#addMatch(line);
    else if (this.#open !== undefined && this.#after > 0) {
      this.#open.lines.push(line);
      this.#after -= 1;
    } else {
      this.#closeBlock();
      this.#before.push(line);
      if (this.#before.length > contextLines) this.#before.shift();
    }
  }

  #addMatch(line: string): void {
    this.matches += 1;
    const open = this.#open ?? { start: this.lines - this.#before.length, lines: this.#before, matches: 0 };
    this.#before = [];
    open.lines.push(line);
    open.matches += 1;
    this.#open = open;
    this.#after = this.#options.contextLines;
    if (this.#options.contextLines === 0 || open.lines.length > mostBlockLines) this.#closeBlock();
  }

  #closeBlock(): void {
    const block = this.#open;
    this.#open = undefined;
    if (block === undefined) return;
    const length = textOf(block).length + 1;
    const half = this.#options.tail === undefined ? this.#options.budget / 2 : 0;
    if (this.#leftOut === 0 && this.#tail.length === 0 && this.#headLength + length <= half) {
      this.#head.push(block);
      this.#headLength += length;
      return;
    }
    this.#tail.push(block);
    this.#tailLength += length;
    this.#tailMatches += block.matches;
    this.#trimTail(this.#options.budget - this.#headLength);
  }

  #trimTail(limit: number): void {
    const mostMatches = this.#options.tail ?? Number.POSITIVE_INFINITY;
    while (this.#tail.length > 1 && (this.#tailLength > limit || this.#tailMatches > mostMatches)) {
      const gone = this.#tail.shift();
      if (gone === undefined) return;
      this.#tailLength -= textOf(gone).length + 1;
      this.#tailMatches -= gone.matches;
      this.#leftOut += gone.matches;
    }
  }
}

/** A run of matches that touch is split after this many lines, so that it can be bounded. */
const mostBlockLines = 200;

function textOf(block: Block): string {
  return block.lines.join("\n");
}

function leftOutLine(matches: number): string {
  return `... ${count(matches)} matching lines left out · narrow the expression, or raise max_output ...`;
}
