import { describe, expect, it } from "vitest";
import { LineScreen } from "./index.ts";

function drawn(text: string, columns = 511): { readonly lines: readonly string[]; readonly current: string } {
  const screen = new LineScreen(columns);
  const lines = screen.feed(Buffer.from(text)).map((line) => line.text);
  return { lines, current: screen.current.text };
}

describe("a line screen", () => {
  it.each([
    ["a\r\nb\r\nr1# ", ["a", "b"], "r1# "],
    ["a\nb\r\r\n", ["a", "b"], ""],
    ["1234\rab\r\n", ["ab34"], ""],
    ["shwo\b\bow version\r\n", ["show version"], ""],
    ["a\tb\tc\r\n", ["a       b       c"], ""],
    // zebra's and IOS's pager: erased with backspaces and blanks.
    [`one\r\n --More-- ${"\b".repeat(10)}${" ".repeat(10)}${"\b".repeat(10)}two\r\n`, ["one", "two"], ""],
    // FortiOS: erased with a return and blanks.
    ["--More-- \r         \rconfig\r\n", ["config"], ""],
    ["---(more 45%)---\r\u001B[Knext\r\n", ["next"], ""],
    ["ab\u001B[1;32mcd\u001B[0m\u001B]0;title\u0007ef\r\n", ["abcdef"], ""],
    ["r1# x\r\u001B[Kr1# ", [], "r1# "],
    // less ends with "keypad off": the ">" belongs to no prompt.
    ["(END)\r\u001B[K\u001B[?1l\u001B>r1# ", [], "r1# "],
    ["abc\u001B[2Dx\u001B[K\r\n", ["ax"], ""],
    ["abc\u001B[1G\u001B[2P\r\n", ["c"], ""],
    ["abc\r\u001B[2@x\r\n", ["x abc"], ""],
    ["one\u001BEtwo\u001B[1;1Hsw# ", ["one"], "sw# "],
    ["\u0000\u0000name\u0007\r\n", ["name"], ""],
    ["a\u202Eb\u200Fc\r\n", ["abc"], ""],
  ])("%j is drawn as a person sees it", (text, lines, current) => {
    expect(drawn(text)).toEqual({ lines, current });
  });

  it("keeps a line that is longer than the terminal as one, and follows a CLI that repaints in its rows", () => {
    // Ten columns; a CLI that knows them ends a full row with a blank and a return, as readline does.
    expect(drawn("r1# abcdef \rghij\r\n", 10).lines).toEqual(["r1# abcdefghij"]);
    expect(drawn("r1# abcdef \rghij\u001B[A\rR\r\n", 10).lines).toEqual(["R1# abcdefghij"]);
    expect(drawn(`${"x".repeat(25)}\r\n`, 10).lines).toEqual(["x".repeat(25)]);
  });

  it("takes a row that a shell filled with blanks for a line of its own", () => {
    expect(drawn(`no newline%${" ".repeat(79)}\r \rh1% `, 80)).toEqual({ lines: ["no newline%"], current: "h1% " });
    expect(drawn(`${"x".repeat(70)}${" ".repeat(30)}\r\n`, 80).lines).toEqual(["x".repeat(70)]);
  });

  it("hands an endless line on in pieces", () => {
    const screen = new LineScreen(80);
    const pieces = screen.feed(Buffer.from(`${"x".repeat(20_000)}\n`));
    expect(pieces.map(({ continues }) => continues)).toEqual([true, true, false]);
    expect(pieces.map(({ text }) => text).join("")).toBe("x".repeat(20_000));
  });

  it("puts characters and sequences together that were split anywhere", () => {
    const bytes = Buffer.from("gr\u00FC\u00DF\u{1F600}\u001B[31m!\u001B[0m\r\nr1# ");
    const screen = new LineScreen(80);
    const lines = [...bytes].flatMap((byte) => screen.feed(Uint8Array.of(byte)));
    expect(lines).toEqual([{ text: "gr\u00FC\u00DF\u{1F600}!", continues: false }]);
    expect(screen.current).toEqual({ text: "r1# ", cursorAtEnd: true });
    expect(screen.above).toBe("gr\u00FC\u00DF\u{1F600}!");
  });

  it("says where the cursor is, and answers what a terminal is asked", () => {
    const screen = new LineScreen(80);
    screen.feed(Buffer.from("r1# show\b\b"));
    expect(screen.current).toEqual({ text: "r1# show", cursorAtEnd: false });
    screen.feed(Buffer.from("\r\n$ \u001B[6n\u001BZ\u001B[c"));
    expect(screen.takeReplies()).toEqual(["\u001B[1;3R", "\u001B/Z", "\u001B[?1;0c"]);
    screen.feed(Buffer.from("\u001B[6n".repeat(1_000)));
    expect(screen.takeReplies()).toHaveLength(16);
    expect(screen.takeReplies()).toHaveLength(0);
  });

  it("is not swallowed by a title without end", () => {
    expect(drawn(`\u001B]0;${"t".repeat(5_000)}\r\nr1# `).current).toBe("r1# ");
  });
});
