import { expect, test } from "vitest";
import { ShownText } from "./shown-text.ts";

const shown = (...pieces: readonly string[]): string => {
  const text = new ShownText();
  return pieces.map((piece) => text.add(Buffer.from(piece))).join("");
};

test("colours, tabs and progress stay", () => {
  expect(shown("\u001B[1;31mred\u001B[0m\ta\r\nb\rc\b")).toBe("\u001B[1;31mred\u001B[0m\ta\r\nb\rc\b");
});

test("nothing that makes a terminal answer, or changes it", () => {
  expect(shown("a\u001B[cb\u001B[6nc\u001B]52;c;aGk=\u0007d\u001B[?1000he\u001BPx\u001B\\f\u202Eg\u0007")).toBe(
    "abcdefg",
  );
  expect(shown("a\u001B[>4;2mb\u009B31mc")).toBe("ab31mc");
});

test("sequences and characters over the border of two pieces", () => {
  expect(shown("a\u001B", "[31", "mb\u001B[", "6nc")).toBe("a\u001B[31mbc");
});
