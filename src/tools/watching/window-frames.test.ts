import fc from "fast-check";
import { expect, test } from "vitest";
import { openScreen, type TerminalScreen } from "../../screen/index.ts";
import { WindowFrames } from "./window-frames.ts";

const size = { columns: 20, rows: 6 };

/** What programs send, whole and in shreds: text of several widths, colours, moves, erasure, modes, titles, and what no terminal should be told. */
const shreds = [
  "plain",
  "\r\n",
  "ä漢字é\u0301",
  "\u202Ehtap",
  "\u001B[1;31mred",
  "\u001B[48;2;1;2;3m\u001B[38;5;200mdeep",
  "\u001B[7;4m ",
  "\u001B[0m",
  "\u001B[H",
  "\u001B[3;18H",
  "\u001B[2J",
  "\u001B[K",
  "\u001B[?1049h",
  "\u001B[?1049l",
  "\u001B[?25l",
  "\u001B[?25h",
  "\u001B[?1h",
  "\u001B[?2004h",
  "\u001B=",
  "\u001B[2;5r",
  "\u001B[L",
  "\u001B]0;a title\u0007",
  "\u001B]52;c;aGk=\u0007",
  "\u001B[6n",
  "\u001B[?1003h",
  "\u001B(0lqk\u001B(B",
  "\u0007",
  "x".repeat(45),
  "\u001B[",
  "\u001B]",
];

const everything = { top: 0, left: 0, ...size };

const looksOf = (screen: TerminalScreen): unknown => {
  const { title, bells, ...rest } = screen.paint(() => everything);
  return { ...rest, title: title.replaceAll(/\s+/g, " ").trim(), rang: bells > 0 };
};

test("a window shows what the screen is, whatever comes", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(fc.constantFrom(...shreds), { maxLength: 12 }), { maxLength: 6 }),
      async (steps) => {
        const [screen, window] = [await openScreen(size), await openScreen(size)];
        const frames = new WindowFrames(size);
        for (const step of steps) {
          await screen.draw(Buffer.from(step.join("")));
          const frame = frames.next(screen.paint(frames.choose));
          expect(frame.replaceAll(allowed, "")).not.toMatch(/\p{Cc}/u);
          await window.draw(Buffer.from(frame));
          expect(looksOf(window)).toEqual(looksOf(screen));
          expect(frames.next(screen.paint(frames.choose))).toBe("");
        }
        screen.close();
        window.close();
      },
    ),
    { numRuns: 80 },
  );
});

/** All that a person's terminal is ever told beside text. */
const allowed = new RegExp(
  ["\\[[\\d;]*[mH]", "\\[2J", "\\[K", "\\[\\?(?:1|25|2004|2026)[hl]", "[=>]", "\\]2;[^\\u0007\\u001B]*\\u001B\\\\"]
    .map((one) => `\\u001B${one}`)
    .join("|")
    .concat("|\\u0007"),
  "g",
);

test("a smaller window shows the part with the cursor, and stays where that allows it", async () => {
  const screen = await openScreen(size);
  const frames = new WindowFrames({ columns: 10, rows: 2 });
  const shown = async (text: string): Promise<unknown> => {
    await screen.draw(Buffer.from(text));
    const { top, left } = frames.choose(screen.paint(frames.choose));
    return [top, left];
  };
  expect(await shown("\u001B[H")).toEqual([0, 0]);
  expect(await shown("\u001B[4;15H")).toEqual([2, 5]);
  expect(await shown("\u001B[3;8H")).toEqual([2, 5]);
  expect(await shown("\u001B[1;1H")).toEqual([0, 0]);
  screen.close();
});
