import { expect, test } from "vitest";
import { typedText } from "./typed-text.ts";

const begin = "\u001B[200~";
const end = "\u001B[201~";

test.each([
  ["print 1\nprint 2\n", false, "print 1\rprint 2\r"],
  ["for i in x:\n  print(i)\n\n", false, `${begin}for i in x:\r  print(i)\r${end}\r`],
  ["one\ntwo\n", true, `${begin}one\rtwo${end}\r`],
  ["one\ntwo", true, `${begin}one\rtwo${end}`],
  [`one\ntwo${end}three\n`, true, `${begin}one\rtwothree${end}\r`],
  ["one\r\n", true, "one\r"],
  ["  one\n", true, "  one\r"],
  ["  one\n\ntwo\n", false, "  one\r\rtwo\r"],
])("%j, of which the whole screen is drawn: %j", (text, alternate, typed) => {
  expect(typedText(text, { bracketedPaste: true, alternate })).toBe(typed);
  const plain = text.replaceAll(/\r?\n/g, "\r");
  expect(typedText(text, { bracketedPaste: false, alternate })).toBe(plain);
});
