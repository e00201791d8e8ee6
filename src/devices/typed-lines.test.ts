import { expect, test } from "vitest";
import { PlatformBook } from "./platform-book.ts";
import { typedLines, type TypedLine } from "./typed-lines.ts";

const book = new PlatformBook("/nonexistent");

async function typed(platform: string, text: string): Promise<readonly TypedLine[]> {
  return typedLines((await book.find(platform)).platform, text.split("\n"));
}

const line = (number: number, text: string, rest: readonly string[] = [], keys?: string) => ({
  number,
  text,
  rest,
  keys,
});

test.each([
  [
    "cisco_ios",
    "banner motd ^C\n  hello\n\nsw1#\n^C\nend",
    [line(1, "banner motd ^C", ["  hello", "", "sw1#", "^C"]), line(6, "end")],
  ],
  ["cisco_ios", "banner login # one line #\nend", [line(1, "banner login # one line #"), line(2, "end")]],
  [
    "cisco_ios",
    "certificate self-signed 01\n  3082022B\n  \tquit",
    [line(1, "certificate self-signed 01", ["  3082022B", "  \tquit"])],
  ],
  ["arista_eos", "banner motd\nhello\nEOF", [line(1, "banner motd", ["hello", "EOF"])]],
  ["fortinet_fortios", 'set buffer "a\nb\nc"\nend', [line(1, 'set buffer "a', ["b", 'c"']), line(4, "end")]],
  ["fortinet_fortios", 'set alias "a b"\nend', [line(1, 'set alias "a b"'), line(2, "end")]],
  [
    "juniper_junos",
    "load merge relative terminal\nsystem {\n^D",
    [line(1, "load merge relative terminal", ["system {", "^D"], "\u0004")],
  ],
  ["frr_vtysh", "banner motd line x", [line(1, "banner motd line x")]],
  ["generic", "paste <<END\n a\n\nEND\nnext", [line(1, "paste", [" a", ""]), line(5, "next")]],
  ["generic", "echo <<END\nmore", [line(1, "echo <<END"), line(2, "more")]],
])("%s takes %j", async (platform, text, lines) => {
  expect(await typed(platform, text)).toEqual(lines);
});

test("a block without its end is refused", async () => {
  await expect(typed("cisco_ios", "banner motd ^C\nhello\nend")).rejects.toMatchObject({
    code: "bad_input",
    message: "line 1 begins a block that has no end: banner motd ^C; nothing was sent",
  });
});
