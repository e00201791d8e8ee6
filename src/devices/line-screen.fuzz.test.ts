import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LineScreen } from "./line-screen.ts";

/** `HOLDFAST_FUZZ=100000` plays as many as the full form asks for. */
const runs = Number(process.env["HOLDFAST_FUZZ"] ?? "400");

/** Pieces of which terminal output is made, and of which hostile output is made. */
const pieces = fc.oneof(
  fc.string({ unit: "binary", maxLength: 20 }).map((text) => Buffer.from(text)),
  fc.uint8Array({ maxLength: 12 }),
  fc
    .constantFrom(
      "\r",
      "\n",
      "\r\n",
      "\b",
      "\t",
      "\u001B",
      "\u001B[",
      "\u001B]0;",
      "\u001BP",
      "\u009B",
      "r1# ",
      " --More-- ",
    )
    .map((text) => Buffer.from(text)),
  fc
    .tuple(fc.nat(99_999), fc.nat(99_999), fc.constantFrom(..."ABCDEFGHJKPXafmnc`@".split("")))
    .map(([one, two, final]) => Buffer.from(`\u001B[${one};${two}${final}`)),
  fc
    .tuple(fc.constantFrom("x", "\u001B[C", "\u001B[5", ";", "\u0000"), fc.integer({ min: 1, max: 3_000 }))
    .map(([text, count]) => Buffer.from(text.repeat(count))),
);

describe("a line screen under hostile output", () => {
  it("never throws, keeps controls to itself and its memory bounded", () => {
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 30 }), fc.integer({ min: 0, max: 600 }), (parts, columns) => {
        const screen = new LineScreen(columns);
        for (const part of parts) {
          const lines = screen.feed(part);
          const { text } = screen.current;
          expect(lines.length).toBeLessThanOrEqual(part.length + 1);
          expect(screen.takeReplies().join("").length).toBeLessThan(400);
          for (const line of [text, screen.above, ...lines.map((finished) => finished.text)]) {
            // Of astral characters each cell has two units.
            expect(line.length).toBeLessThanOrEqual(2 * 9_000);
            // oxlint-disable-next-line no-control-regex -- control characters are the subject here
            expect(line).not.toMatch(/[\u0000-\u001F\u007F-\u009F\u202A-\u202E\u2066-\u2069]/);
          }
        }
      }),
      { numRuns: runs },
    );
  });

  it("draws the same, wherever the stream is split", () => {
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 12 }), fc.array(fc.nat(2_000), { maxLength: 6 }), (parts, cuts) => {
        const whole = Buffer.concat(parts);
        const places = [
          0,
          ...cuts.map((cut) => Math.min(cut, whole.length)).toSorted((one, other) => one - other),
          whole.length,
        ];
        const split = places.slice(1).map((end, index) => whole.subarray(places[index], end));
        const [one, other] = [new LineScreen(80), new LineScreen(80)];
        const lines = split.flatMap((part) => other.feed(part));
        expect(lines).toEqual(one.feed(whole));
        expect(other.current).toEqual(one.current);
      }),
      { numRuns: Math.ceil(runs / 4) },
    );
  });
});
