import type { Platform } from "./platform.ts";

/** Blank lines and upper lines of prompts in a row, at most; beyond that they are output. */
const mostKeptBack = 64;

/** Lines that are the prompt's if the prompt follows, and output if anything else does: blank ones, and those that stand above it. */
export class KeptBack {
  readonly #platform: Platform;
  readonly #lines: string[] = [];

  constructor(platform: Platform) {
    this.#platform = platform;
  }

  /** The lines that are output for sure, now that this one has come. */
  add(line: string): readonly string[] {
    if (this.#mayBelongToPrompt(line) && this.#lines.length < mostKeptBack) {
      this.#lines.push(line);
      return [];
    }
    return [...this.take(), line];
  }

  /** What was kept back turned out to be output. */
  take(): readonly string[] {
    return this.#lines.splice(0);
  }

  #mayBelongToPrompt(line: string): boolean {
    if (line.trim() === "") return true;
    return line.length < 256 && this.#platform.modes.some(({ above }) => above?.test(line) === true);
  }
}
