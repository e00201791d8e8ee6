import { describe, expect, test } from "vitest";
import { cmdLine } from "./cmd-line.ts";
import type { WindowsText } from "./windows-line.ts";

const end = "&call echo ab^cd %^ERRORLEVEL%&cd&set&echo ab^cd.";

function nothing(): string | undefined {
  return undefined;
}

function made(text: string, more: Partial<WindowsText> = {}): string {
  const line = cmdLine({
    text,
    directory: undefined,
    changes: new Map(),
    known: nothing,
    mark: ["ab", "cd"],
    bare: false,
    ...more,
  });
  if ("line" in line) return line.line.replace("chcp 65001>nul&ver>nul&set HOLDFAST=1&", "");
  return `${line.lineFor("C:\\x.cmd").replace("chcp 65001>nul&ver>nul&set HOLDFAST=1&", "")}\n${line.file.content}`;
}

describe("lines for cmd.exe", () => {
  test("what is told follows the text; where that takes what follows, it is enclosed", () => {
    expect(made("dir")).toBe(`dir${end}`);
    expect(made("if exist a echo b")).toBe(`(if exist a echo b)${end}`);
    expect(made("dir", { bare: true })).toBe("dir");
    expect(["dir &", "dir ^", "dir ^&", "dir ^^", "start /b x &\n"].map((text) => made(text))).toEqual(
      ["dir", "dir", "dir ^&", "dir ^^", "start /b x"].map((text) => `${text}${end}`),
    );
  });

  test("the mark is nowhere in one piece", () => {
    const { line } = {
      line: "",
      ...cmdLine({
        text: "x",
        directory: "C:\\",
        changes: new Map(),
        known: nothing,
        mark: ["ab", "cd"],
        bare: false,
      }),
    };
    expect(line).not.toContain("abcd");
  });

  test("directory and variables go before it", () => {
    const changes = new Map([
      ["A", "1 & %PATH%"],
      ["B", undefined],
      ["MANY", "two\nlines"],
    ]);
    expect(made("dir", { directory: "C:\\a b", changes })).toBe(
      `cd /d C^:\\a^ b&(if errorlevel 1 (echo ab^cd gone&exit 1))&set A=1^ ^&^ ^%PATH^%&set B=&dir${end}`,
    );
  });

  test("what nothing can follow goes as a file, on which percent signs are doubled where they name no variable", () => {
    expect(made('echo "a')).toBe(`"C:\\x.cmd"${end}\n@echo off\r\necho "a\r\n`);
    expect(made('for %i in (%PATH%) do echo %i %~ni 100% "')).toBe(
      `"C:\\x.cmd"${end}\n@echo off\r\nfor %%i in (%PATH%) do echo %%i %%~ni 100%% "\r\n`,
    );
    expect(made("if exist x echo %ProgramFiles(x86)%")).toContain("\r\nif exist x echo %ProgramFiles(x86)%\r\n");
  });

  test("what the line itself sets is put in, because cmd.exe reads all of a line before it runs any of it", () => {
    const changes = new Map([
      ["Kept", "a b"],
      ["Odd", "50%"],
      ["Gone", undefined],
    ]);
    const more = { changes, directory: "C:\\x", known: (name: string) => changes.get(name) };
    expect(made("echo %Kept% %CD% %PATH%", more)).toContain(`&echo a b C:\\x %PATH%${end}`);
    const apart = ["echo %Odd%", "echo %Gone%", "echo %Kept:~0,1%", "echo %CD:~0,2%"];
    expect(apart.map((text) => made(text, more).includes("@echo off"))).toEqual([true, true, true, true]);
  });

  test("variables with parentheses or quotes of their own are kept apart", () => {
    const values = new Map([
      ["PF", "C:\\Program Files (x86)"],
      ["ODD", 'a"b'],
      ["PLAIN", "x"],
    ]);
    const known = (name: string): string | undefined => values.get(name);
    const isInline = (text: string): boolean => !made(text, { known }).includes("@echo off");
    expect(["echo %PF%", "if 1==1 echo %PLAIN%", "echo %NONE%"].map(isInline)).toEqual([true, true, true]);
    const apart = ["if 1==1 echo %PF%", "echo %ODD%", "echo %ODD:~0,2%", "if 1==1 echo %CD%"];
    expect(apart.map(isInline)).toEqual([false, false, false, false]);
  });

  test("several lines are a batch file as it was written", () => {
    const changes = new Map([["A", "50%"]]);
    expect(made("\nfor %%i in (1) do echo %%i\nexit /b 3\n", { changes })).toBe(
      `"C:\\x.cmd"${end}\n@echo off\r\nset A=50%%\r\nfor %%i in (1) do echo %%i\r\nexit /b 3\r\n`,
    );
  });

  test("what is longer than cmd.exe takes is refused", () => {
    expect(made(`echo ${"x".repeat(8_100)}`)).toContain("@echo off");
    expect(() => made(`echo ${"x".repeat(8_200)}`)).toThrow(/8205 characters/);
    expect(() => made(`dir\necho ${"x".repeat(8_200)}`)).toThrow(/^line 2/);
  });
});
