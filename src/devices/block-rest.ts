import { isEchoOf } from "./echo-of.ts";

/** The lines of a block behind its first one: typed when the device has asked for them, and its echoes of them. */
export class BlockRest {
  readonly #lines: readonly string[];
  readonly #keys: string | undefined;
  readonly #echoes: string[] = [];
  #sent: boolean;

  constructor(lines: readonly string[], keys: string | undefined) {
    this.#lines = lines;
    this.#keys = keys;
    this.#sent = lines.length === 0;
  }

  /** It is still to be typed. */
  get waits(): boolean {
    return !this.#sent;
  }

  /** What to type: all at once, so that whatever is typed next comes behind it. */
  take(enter: string): string {
    this.#sent = true;
    const lines = this.#keys === undefined ? this.#lines : this.#lines.slice(0, -1);
    this.#echoes.push(...lines);
    return lines.map((line) => line + enter).join("") + (this.#keys ?? "");
  }

  /** Whether a line is the echo of one of them, in their order. */
  isEcho(line: string): boolean {
    const [next] = this.#echoes;
    if (next === undefined) return false;
    const same = next.trim() === "" ? line.trim() === "" : isEchoOf(line, next, "");
    if (same) this.#echoes.shift();
    return same;
  }

  /** Whether what stands in a line that has not ended is as far as the echo of the next one has come: no pager, whatever it looks like. */
  isBeingEchoed(line: string): boolean {
    const [next] = this.#echoes;
    return next !== undefined && (next.trimEnd().startsWith(line.trimEnd()) || isEchoOf(line, next, ""));
  }
}
