/** Where one or several texts stand, as `[start, end)`. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Two units of text are looked at together, as one of so many blocks. */
const blocks = 65_536;

/** Shifts are kept in bytes. */
const longestShift = 255;

/**
 * Finds any of many texts in another one in a single pass that skips most of it (Wu and Manber's way): looks at two units, and knows
 * from them how far on the next one can begin. Texts have at least two units each.
 */
export class TextScanner {
  /** Units of the longest text. */
  readonly longest: number;
  readonly #window: number;
  readonly #shifts: Uint8Array;
  /** By their last block within the window, the longest first. */
  readonly #candidates = new Map<number, readonly string[]>();
  /** By their first unit: those that may have begun at the end of a text. */
  readonly #beginnings = new Map<number, readonly string[]>();

  constructor(texts: readonly string[]) {
    const all = texts.toSorted((one, other) => other.length - one.length);
    this.longest = all[0]?.length ?? 0;
    this.#window = Math.min(...all.map(({ length }) => length));
    this.#shifts = new Uint8Array(blocks).fill(Math.min(this.#window - 1, longestShift));
    for (const text of all) {
      for (let at = 1; at < this.#window; at += 1) {
        const block = blockOf(text, at);
        const shift = Math.min(this.#window - 1 - at, longestShift);
        this.#shifts[block] = Math.min(this.#shifts[block] ?? 0, shift);
      }
      const last = blockOf(text, this.#window - 1);
      this.#candidates.set(last, [...(this.#candidates.get(last) ?? []), text]);
      const first = text.charCodeAt(0);
      this.#beginnings.set(first, [...(this.#beginnings.get(first) ?? []), text]);
    }
  }

  /** The first stretch from `from` on that is one of the texts, or several that overlap. */
  find(text: string, from: number): Span | undefined {
    const found = this.#next(text, from, text.length);
    if (found === undefined) return undefined;
    let { start, end } = found;
    // One that begins inside of another and goes on behind it.
    for (let inner = this.#next(text, start + 1, end); inner !== undefined; inner = this.#next(text, start + 1, end)) {
      start = inner.start;
      end = Math.max(end, inner.end);
    }
    return { start: found.start, end };
  }

  /** Where the longest end of `text` begins that is the beginning of one of the texts, of at least `least` units; its length where there is none. */
  unfinished(text: string, least: number): number {
    for (let at = Math.max(0, text.length - this.longest + 1); at <= text.length - least; at += 1) {
      const candidates = this.#beginnings.get(text.charCodeAt(at)) ?? [];
      const rest = text.length - at;
      if (candidates.some((one) => one.length > rest && text.startsWith(one.slice(0, rest), at))) return at;
    }
    return text.length;
  }

  /** The first text that begins at `from` or later, and before `before`; the longest of them. */
  #next(text: string, from: number, before: number): Span | undefined {
    const reach = this.#window - 1;
    let at = from + reach;
    while (at < text.length && at - reach < before) {
      const block = blockOf(text, at);
      const shift = this.#shifts[block] ?? 0;
      if (shift > 0) at += shift;
      else {
        const start = at - reach;
        const found = this.#candidates.get(block)?.find((one) => text.startsWith(one, start));
        if (found !== undefined) return { start, end: start + found.length };
        at += 1;
      }
    }
    return undefined;
  }
}

/** The unit at `at` and the one before it; letters of other scripts share blocks with others, which only costs a look. */
function blockOf(text: string, at: number): number {
  return ((text.charCodeAt(at - 1) & 0xff) << 8) | (text.charCodeAt(at) & 0xff);
}
