import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkPattern } from "./checked-pattern.ts";
import { mostSteps } from "./pattern-cost.ts";
import { parsePattern, type PatternNode } from "./pattern-syntax.ts";
import { meet, characterSet } from "./character-set.ts";

/** `HOLDFAST_FUZZ=100000` plays more. */
const runs = Number(process.env["HOLDFAST_FUZZ"] ?? "1500");

/** A matcher that backtracks, to count the characters that it takes: no cleverness, all ways; gives up beyond `most`. */
function taken(pattern: PatternNode, line: string, most: number): number {
  let steps = 0;
  const match = (node: PatternNode, at: number, next: (at: number) => boolean): boolean => {
    if (steps > most) return true;
    switch (node.kind) {
      case "set": {
        if (at >= line.length || !meet(node.set, characterSet(line.charAt(at)))) return false;
        steps += 1;
        return next(at + 1);
      }
      case "sequence":
        return node.parts.reduceRight<(at: number) => boolean>(
          (then, part) => (from) => match(part, from, then),
          next,
        )(at);
      case "choice":
        return node.options.some((option) => match(option, at, next));
      case "repeat": {
        const round = (count: number, from: number): boolean =>
          (count < node.most &&
            match(node.part, from, (to) => (to > from || count < node.least) && round(count + 1, to))) ||
          (count >= node.least && next(from));
        return round(0, at);
      }
      case "look":
        match(node.part, at, () => true);
        return next(at);
      case "start":
        return at === 0 && next(at);
      case "end":
        return at === line.length && next(at);
      default:
        return next(at);
    }
  };
  for (let at = 0; at <= line.length; at += 1) if (match(pattern, at, () => true)) break;
  return steps;
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
        if (most < 20_000) expect(taken(tree, line, most)).toBeLessThanOrEqual(most);
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
