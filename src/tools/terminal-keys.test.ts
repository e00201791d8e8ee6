import { describe, expect, it } from "vitest";
import { terminalKey } from "./terminal-keys.ts";

const normal = { applicationCursor: false };

describe("keys of a terminal", () => {
  it.each([
    ["Enter", "\r"],
    ["Up", "\u001B[A"],
    ["C-Up", "\u001B[1;5A"],
    ["S-F5", "\u001B[15;2~"],
    ["F1", "\u001BOP"],
    ["M-F1", "\u001B[1;3P"],
    ["PageDown", "\u001B[6~"],
    ["C-c", "\u0003"],
    ["C-[", "\u001B"],
    ["C-?", "\u007F"],
    ["M-x", "\u001Bx"],
    ["C-M-a", "\u001B\u0001"],
    ["M-Enter", "\u001B\r"],
    ["S-a", "A"],
    ["C-S-t", "\u0014"],
    ["S-Tab", "\u001B[Z"],
    ["a", "a"],
    [":", ":"],
    ["é", "é"],
    ["-", "-"],
  ])("%s", (key, sent) => {
    expect(terminalKey(key, normal)).toBe(sent);
  });

  it("follow the program's wish for its cursor keys", () => {
    expect(terminalKey("Up", { applicationCursor: true })).toBe("\u001BOA");
    expect(terminalKey("C-Up", { applicationCursor: true })).toBe("\u001B[1;5A");
  });

  it.each([
    "",
    "ab",
    "\u0007",
    "\u202E",
    "Return",
    "C-",
    "F13",
    "C-Hyper",
    "C-1",
    "S-1",
    "constructor",
    "C-é",
    "toString",
  ])("are not %j", (key) => {
    expect(terminalKey(key, normal)).toBeUndefined();
  });
});
