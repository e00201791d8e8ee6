import { describe, expect, test } from "vitest";
import { cmdWord, readCmd } from "./cmd-words.ts";

describe("words for cmd.exe", () => {
  test("whatever could mean something has a caret", () => {
    expect(cmdWord("C:\\Program Files (x86)\\R&D")).toBe("C^:\\Program^ Files^ ^(x86^)\\R^&D");
    expect(cmdWord('a"b^c|d<e>f!g')).toBe('a^"b^^c^|d^<e^>f^!g');
    expect(cmdWord("größe-1_x.y/ü☃")).toBe("größe-1_x.y/ü☃");
  });

  test("no name between two percent signs is one of a variable", () => {
    expect(cmdWord("%PATH%")).toBe("^%PATH^%");
    expect(cmdWord("%PATH:a=b%")).toBe("^%PATH^:a^=b^%");
    expect(cmdWord("%PATH%", "double")).toBe("%%PATH%%");
  });
});

describe("lines as cmd.exe reads them", () => {
  test.each([
    ["dir & echo x", false, false],
    ["if exist a echo b", true, false],
    ["IF /I NOT a==b echo c", true, false],
    ["echo a & @for %i in (1 2) do @echo %i", true, false],
    ["(if 1==1 (echo a) else (echo b))", true, false],
    ['echo "open', false, true],
    ['echo ^"not open', false, false],
    ["(echo a", false, true],
    ["rem a remark", false, true],
    ["echo a & rem a remark", false, true],
    [":: a remark", false, true],
    ["echo rem", false, false],
    ["echo if", false, false],
  ])("%s", (text, takesRest, open) => {
    expect(readCmd(text)).toMatchObject({ takesRest, open });
  });

  test.each([
    ["echo a) b", "echo a^) b"],
    ["echo (a) b", "echo (a^) b"],
    ["for %i in (1) do echo x (%i)", "for %i in (1) do echo x (%i^)"],
    ["for %i in (1) do (echo %i)", "for %i in (1) do (echo %i)"],
    ['if "a b"=="a b" (echo y) else (echo n)', 'if "a b"=="a b" (echo y) else (echo n)'],
    ["if exist x (echo y)", "if exist x (echo y)"],
    ["if a equ b (echo y) else echo n)", "if a equ b (echo y) else echo n^)"],
    ["if a == b (echo y)", "if a == b (echo y)"],
    ["if defined X echo (y)", "if defined X echo (y^)"],
    ["echo a ^) b", "echo a ^) b"],
    ["echo at the end ^", "echo at the end "],
    ["echo two carets ^^", "echo two carets ^^"],
  ])("%s between parentheses", (text, enclosed) => {
    expect(readCmd(text).enclosed.trimEnd()).toBe(enclosed.trimEnd());
  });
});
