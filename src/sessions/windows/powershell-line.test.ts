import { describe, expect, test } from "vitest";
import { powershellLine, powershellWord } from "./powershell-line.ts";
import { endMarkedLine, endProcessLine } from "./stop-signals.ts";
import type { WindowsLine, WindowsText } from "./windows-line.ts";

const request: WindowsText = {
  text: "Get-Item 'a''b'",
  directory: "C:\\it's",
  changes: new Map([
    ["A", "$x `\u2019"],
    ["B", undefined],
  ]),
  known: () => undefined,
  mark: ["ab", "cd"],
  bare: false,
};

function decoded(line: string): string {
  return Buffer.from(line.split(" ").at(-1) ?? "", "base64").toString("utf16le");
}

function lineOf(made: WindowsLine): string {
  return "line" in made ? made.line : made.lineFor("C:\\a b\\x.ps1");
}

describe("lines for PowerShell", () => {
  test("nothing that a login shell could take for its own", () => {
    const line = lineOf(powershellLine(request, "powershell", 8_000));
    expect(line).toMatch(/^powershell(?: -\w+| None| Text)+ [A-Za-z0-9+/=]+$/);
    expect(line).toMatch(/ -NoProfile -NonInteractive /);
    expect(endMarkedLine(["ab", "cd"])).toMatch(/^powershell(?: -\w+| None| Text)+ [A-Za-z0-9+/=]+$/);
    expect(endProcessLine(12)).toBe("taskkill /T /F /PID 12");
  });

  test("every text is a literal, for each kind of quote", () => {
    expect(powershellWord("it's \u2018so\u2019 \u201A\u201B \"$x `n")).toBe(
      "'it''s \u2018\u2018so\u2019\u2019 \u201A\u201A\u201B\u201B \"$x `n'",
    );
    const script = decoded(lineOf(powershellLine(request, "pwsh", 8_000)));
    expect(script).toContain("Set-Location -LiteralPath 'C:\\it''s'");
    expect(script).toContain("SetEnvironmentVariable('A','$x `\u2019\u2019')");
    expect(script).toContain("SetEnvironmentVariable('B',$null)");
    expect(script).toContain("[ScriptBlock]::Create('Get-Item ''a''''b''\n$global:hf_ok = $?')");
    expect(script).toContain("(('ab'+'cd') + $t + \"`n\")");
    expect(script).not.toContain("abcd");
  });

  test("what is longer than the line may be goes as a file that deletes itself", () => {
    const made = powershellLine({ ...request, text: "x".repeat(4_000) }, "powershell", 8_000);
    expect("file" in made && made.file.ending).toBe(".ps1");
    expect(decoded(lineOf(made))).toMatch(/ReadAllText\('C:\\a b\\x.ps1'.*\[IO\.File\]::Delete/);
    expect(lineOf(made).length).toBeLessThan(1_000);
  });

  test("on a terminal nothing is told", () => {
    const script = decoded(lineOf(powershellLine({ ...request, bare: true }, "powershell", 8_000)));
    expect(script).not.toContain("hf_say");
    expect(script).toMatch(/exit \$hf_status$/);
  });
});
