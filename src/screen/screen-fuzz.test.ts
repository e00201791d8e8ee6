import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { openScreen, type TerminalScreen } from "./terminal-screen.ts";

/** `npm run terminals` plays these in full, and so does `npm run fuzz` with as many cases as it says. */
const asked = process.env["HOLDFAST_FUZZ"];
const whole = asked !== undefined || process.env["HOLDFAST_TERMINALS"] === "full";
const cases = Number(asked ?? (whole ? 100_000 : 1_000));
const garbageMegabytes = whole ? 100 : 4;

const mebibyte = 1_048_576;
const size = { columns: 20, rows: 4 };

/** What a screen may hold beyond what it held: its cells, and the longest string sequence that is collected (10 million characters). */
const mostGrowthBytes = 160 * mebibyte;

/** The beginnings, the parameters and the ends of sequences. */
const marks = [
  "\u001B[",
  "\u001B]0;",
  "\u001B]8;;",
  "\u001BP",
  "\u001B_",
  "\u001B^",
  "\u001BX",
  "\u009B",
  "\u001B",
  "\u0007",
  "\u001B\\",
  "\u0018",
  ";999999999",
  "?1049h",
  "?1049l",
  "?47h",
  "?3h",
  "?6h",
  "?2004h",
  "?1000h",
  "4h",
  ":2:3",
  "m",
  "H",
  "J",
  "2J",
  "3J",
  "K",
  "r",
  "L",
  "M",
  "P",
  "@",
  "X",
  "S",
  "T",
  "c",
  "n",
  "5;20r",
  "\u001B[99999b",
  "\u001B[2147483647S",
  "\u001B[2147483647L",
  "\u001B[2147483647I",
  "\u001B(0",
  "\u001BM",
  "\u001BD",
  "\u001BE",
  "\u001B7",
  "\u001B8",
  "\u001Bc",
  "\r\n",
  "\t",
  "\b",
  "\u000E",
  "\u000F",
] as const;

/** Ends any sequence, and takes back whatever was set. */
const reset = Buffer.from("\u0018\u001B\\\u001Bc\u001B]0;\u0007");

const piece = fc.oneof(
  fc.uint8Array({ maxLength: 40 }),
  fc.constantFrom(...marks).map((text) => Buffer.from(text, "latin1")),
  // UTF-8: whole, cut, overlong, surrogates, beyond the end; wide and combining characters.
  fc
    .constantFrom("日本語", "e\u0301\u0301\u0301", "👩‍👩‍👧‍👦", "\u200F", "\uFEFF")
    .chain((text) => fc.nat(20).map((end) => Buffer.from(text).subarray(0, end))),
  fc
    .constantFrom([0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xff], [0xe2, 0x82])
    .map((bytes) => Buffer.from(bytes)),
);

function expectSound({ view }: TerminalScreen, rows: number): void {
  expect(view.rows).toHaveLength(rows);
  expect(view.cursor.row).toBeGreaterThanOrEqual(1);
  expect(view.cursor.row).toBeLessThanOrEqual(rows);
  expect(view.title.length).toBeLessThanOrEqual(200);
}

/** What is in use; what is only left to be collected does not count. */
function heldBytes(): number {
  setFlagsFromString("--expose-gc");
  runInNewContext("gc()");
  const { heapUsed, arrayBuffers, external } = process.memoryUsage();
  return heapUsed + Math.max(arrayBuffers, external);
}

describe("a screen bears", () => {
  it(
    "whatever comes, and whatever size it is given in between",
    async () => {
      const screen = await openScreen(size);
      const sizes = fc.record({ columns: fc.integer({ min: 1, max: 300 }), rows: fc.integer({ min: 1, max: 60 }) });
      // To lay out ten thousand lines anew takes long.
      const resizing = fc.oneof({ weight: 200, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: sizes });
      const round = fc.tuple(fc.array(piece, { maxLength: 12 }), resizing);
      let { rows } = size;
      await fc.assert(
        fc.asyncProperty(round, async ([pieces, resized]) => {
          await screen.draw(Buffer.concat(pieces));
          if (resized !== undefined) {
            screen.resize(resized);
            ({ rows } = resized);
          }
          expectSound(screen, rows);
        }),
        { numRuns: cases, endOnFailure: true },
      );
      screen.close();
    },
    whole ? 1_800_000 : 120_000,
  );

  it(
    "the same bytes in whatever pieces they come, and draws the same",
    async () => {
      const parts = fc.array(piece, { maxLength: 8 });
      const [one, other] = [await openScreen(size), await openScreen(size)];
      await fc.assert(
        fc.asyncProperty(parts, fc.array(fc.nat(300), { maxLength: 4 }), async (pieces, cuts) => {
          const bytes = Buffer.concat([reset, ...pieces]);
          const places = cuts.map((cut) => Math.min(cut, bytes.length)).toSorted((a, b) => a - b);
          await one.draw(bytes);
          let from = 0;
          for (const to of [...places, bytes.length]) {
            await other.draw(bytes.subarray(from, to));
            from = to;
          }
          expect(other.view).toEqual(one.view);
        }),
        { numRuns: Math.ceil(cases / 10), endOnFailure: true },
      );
      for (const screen of [one, other]) screen.close();
    },
    whole ? 600_000 : 120_000,
  );

  it.each([
    ["escape sequences without an end", "\u001B[1;2;3;4;5;6;7;8"],
    ["a title without an end", "\u001B]0;title title title"],
    ["a device string without an end", "\u001BPq#0;2;0;0;0"],
    ["lines", "line\r\n\u001B[31m"],
    ["combining characters on one", "e\u0301\u0302\u0303"],
    ["senseless UTF-8", "\u00FF\u00FE\u00C0\u00AF"],
  ])(
    "megabytes of %s",
    async (name, text) => {
      const screen = await openScreen({ columns: 200, rows: 50 });
      const encoding = name.startsWith("senseless") ? "latin1" : "utf8";
      // A sequence that never ends is one: only what follows its beginning comes again and again.
      const [start, again] = name.includes("without") ? [text, text.replaceAll(/[^\w ;]/g, "")] : ["", text];
      const block = Buffer.from(again.repeat(Math.ceil(65_536 / again.length)), encoding);
      const before = heldBytes();
      await screen.draw(Buffer.from(start, encoding));
      for (let drawn = 0; drawn < garbageMegabytes * mebibyte; drawn += block.length) await screen.draw(block);
      expectSound(screen, 50);
      expect(heldBytes() - before).toBeLessThan(mostGrowthBytes);
      await screen.draw(Buffer.from("\u0018\u001Bc\u001B\\\r\nalive"));
      expect(screen.view.rows.map(({ text: row }) => row).join("")).toContain("alive");
      screen.close();
    },
    whole ? 600_000 : 120_000,
  );
});
