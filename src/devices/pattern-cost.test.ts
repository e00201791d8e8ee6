import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkPattern } from "./checked-pattern.ts";
import { mostSteps } from "./pattern-cost.ts";
import { parsePattern, type PatternNode } from "./pattern-syntax.ts";
import { characterSet, meet, type CharacterSet } from "./character-set.ts";

/** `HOLDFAST_FUZZ=100000` plays more. */
const runs = Number(process.env["HOLDFAST_FUZZ"] ?? "1500");

type Next = (at: number) => boolean;

/** A matcher that backtracks, to count the characters that it takes: no cleverness, all ways; gives up beyond `most`. */
class CountingMatcher {
  readonly #line: string;
  readonly #most: number;
  taken = 0;

  constructor(line: string, most: number) {
    this.#line = line;
    this.#most = most;
  }

  search(pattern: PatternNode): void {
    for (let at = 0; at <= this.#line.length; at += 1) if (this.#match(pattern, at, () => true)) break;
  }

  #match(node: PatternNode, at: number, next: Next): boolean {
    if (this.taken > this.#most) return true;
    if (node.kind === "set") return this.#take(node.set, at) && next(at + 1);
    if (node.kind === "sequence") return this.#inRow(node.parts, at, next);
    if (node.kind === "choice") return node.options.some((option) => this.#match(option, at, next));
    if (node.kind === "repeat") return this.#round({ node, count: 0, at, next });
    if (node.kind === "look") this.#match(node.part, at, () => true);
    if (node.kind === "start") return at === 0 && next(at);
    return (node.kind !== "end" || at === this.#line.length) && next(at);
  }

  #take(set: CharacterSet, at: number): boolean {
    if (at >= this.#line.length || !meet(set, characterSet(this.#line.charAt(at)))) return false;
    this.taken += 1;
    return true;
  }

  #inRow(parts: readonly PatternNode[], at: number, next: Next): boolean {
    const [first, ...rest] = parts;
    return first === undefined ? next(at) : this.#match(first, at, (to) => this.#inRow(rest, to, next));
  }

  #round(state: {
    readonly node: PatternNode & { kind: "repeat" };
    readonly count: number;
    readonly at: number;
    readonly next: Next;
  }): boolean {
    const { node, count, at, next } = state;
    const again: Next = (to) =>
      (to > at || count < node.least) && this.#round({ node, count: count + 1, at: to, next });
    return (count < node.most && this.#match(node.part, at, again)) || (count >= node.least && next(at));
  }
}

/** Expressions of the kind that people write, and worse. */
const expressions = fc.letrec<{ any: string; one: string }>((tie) => ({
  one: fc.oneof(
    fc.constantFrom("a", "b", "[ab]", "[^a]", ".", String.raw`\w`, "c", " "),
    tie("any").map((inner) => `(?:${inner})`),
  ),
  any: fc
    .array(
      fc
        .tuple(tie("one"), fc.constantFrom("", "", "?", "*", "*", "+", "+", "{0,3}", "{2}", "{1,5}"))
        .map(([one, times]) => `${one}${times}`),
      { minLength: 1, maxLength: 4 },
    )
    .chain((parts) => fc.constantFrom(parts.join(""), parts.join("|"), `${parts.join("")}$`)),
}));

const lines = fc.oneof(
  fc.string({ unit: fc.constantFrom("a", "b", "c", " "), maxLength: 14 }),
  fc.nat(40).map((count) => `${"a".repeat(count)}!`),
);

describe("the cost of a pattern", () => {
  it("is never more than was reckoned", () => {
    fc.assert(
      fc.property(fc.tuple(fc.boolean(), expressions.any), lines, ([anchored, text], line) => {
        const tree = parsePattern(anchored ? `^(?:${text})` : text);
        const most = mostSteps(tree, line.length);
        // What is reckoned to cost more is refused at length anyway, and takes the test for ever.
        if (most >= 20_000) return;
        const matcher = new CountingMatcher(line, most);
        matcher.search(tree);
        expect(matcher.taken).toBeLessThanOrEqual(most);
      }),
      { numRuns: runs },
    );
  });

  it.each([
    "(a+)+$",
    "^(?:a|a)*$",
    "^(?:a|ab)(?:c|bcd)(?:d*)*$",
    "a*a*a*b",
    "^.*.*=.*$",
    "(?:x+x+)+y",
    "^(?:a?){30}a{30}$",
    String.raw`(\w+\s?)*:`,
  ])("%s is refused", (source) => {
    expect(checkPattern(source)).toMatchObject({ fault: expect.stringContaining("too long on some lines") });
  });

  it.each([
    [String.raw`(a)\1`, /refers back/],
    ["(?<=a)b", /may not look back/],
    ["(?<!a)b", /may not look back/],
    [String.raw`\p{L}`, /may not use/],
    ["(a", /Invalid regular expression/],
    ["[b-a]", /Invalid regular expression/],
    ["a".repeat(1_001), /1000 characters/],
  ])("%s is refused with its reason", (source, fault) => {
    expect(checkPattern(source)).toMatchObject({ fault: expect.stringMatching(fault) });
  });

  it.each([
    String.raw`^[\w.\-]{1,63}#\s?$`,
    "(?i)^% ?(?:Invalid|Bad)",
    "^-- more --.*$",
    String.raw`^(?!x)\[[^\]]*\]\s?$`,
    String.raw`b{2,40}\x41C`,
  ])("%s is taken", (source) => {
    expect(checkPattern(source)).toHaveProperty("pattern");
  });
});
