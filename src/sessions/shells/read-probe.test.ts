import { execFileSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { probeLine, readProbe } from "./read-probe.ts";

describe("what a login speaks", () => {
  test("a POSIX shell", () => {
    const said = execFileSync("sh", ["-c", `cd /; echo noise; ${probeLine("ab", "cd")}`], { encoding: "utf8" });
    expect(readProbe(said, "ab", "cd")).toMatchObject({ language: "posix", home: "/", facts: /^\w+ / });
  });

  test("cmd.exe, which puts in its variables and leaves the rest", () => {
    const said = probeLine("ab", "cd")
      .replace("echo ", "")
      .replace("%OS%", "Windows_NT")
      .replace("%CD%", "C:\\Users\\x y");
    expect(readProbe(`noise\r\n${said}\r\n`, "ab", "cd")).toMatchObject({ language: "cmd", home: "C:\\Users\\x y" });
  });

  test("PowerShell, by its version", () => {
    const said = (version: string): string =>
      `ab'cd;%OS%;%CD%\r\n\r\nPath\r\n----\r\nC:\\Users\\x\r\n\r\n\r\n${version}\r\n`;
    expect(readProbe(said("5"), "ab", "cd")).toMatchObject({ language: "powershell", home: "C:\\Users\\x" });
    expect(readProbe(said("7\r\nWin32NT"), "ab", "cd")).toMatchObject({ language: "pwsh" });
  });

  test("a program that repeats what it was given speaks nothing", () => {
    const line = probeLine("ab", "cd");
    expect(readProbe(line, "ab", "cd")).toBeUndefined();
    expect(readProbe(line.slice("echo ".length), "ab", "cd")).toBeUndefined();
    expect(readProbe("Welcome\n", "ab", "cd")).toBeUndefined();
  });
});
