import { oneLine } from "../../base/index.ts";
import type { WindowsLanguage } from "../windows/windows-language.ts";

/** What a login that runs commands tells of itself. */
export interface ExecFacts {
  /** What its shell speaks. */
  readonly language: "posix" | WindowsLanguage;
  readonly home: string | undefined;
  readonly facts: string;
}

/**
 * A line that every shell understands in its own way. A POSIX shell joins the two words; cmd.exe leaves the quotes and puts in its variables;
 * PowerShell takes the quotes between for one quote, and knows its version. A program that repeats what it was given does none of this.
 */
export function probeLine(left: string, right: string): string {
  return `echo '${left}''${right};%OS%;%CD%'; uname -srm; pwd; echo $PSVersionTable.PSVersion.Major $PSVersionTable.Platform`;
}

/** What the answer to `probeLine` tells; undefined when it is none. */
export function readProbe(text: string, left: string, right: string): ExecFacts | undefined {
  const lines = text.split("\n").map((line) => line.trimEnd());
  return (
    posix(lines, `${left}${right};`) ?? cmd(lines, `'${left}''${right};`) ?? powershell(lines, `${left}'${right};`)
  );
}

function posix(lines: readonly string[], mark: string): ExecFacts | undefined {
  const at = lines.findIndex((line) => line.startsWith(mark));
  if (at < 0) return undefined;
  const after = lines.slice(at + 1).filter((line) => line !== "" && !line.startsWith("."));
  const home = after.findLast((line) => line.startsWith("/"));
  return { language: "posix", home, facts: oneLine(after.find((line) => line !== home) ?? "", 120) };
}

function cmd(lines: readonly string[], mark: string): ExecFacts | undefined {
  const line = lines.find((one) => one.startsWith(mark) && !one.includes("%OS%"));
  if (line === undefined) return undefined;
  const home = /^'[^;]*;[^;]*;(?<home>[A-Za-z]:\\[^']*)'; uname/.exec(line)?.groups?.["home"];
  return { language: "cmd", home, facts: "Windows, cmd.exe" };
}

function powershell(lines: readonly string[], mark: string): ExecFacts | undefined {
  const at = lines.findIndex((line) => line.startsWith(mark));
  if (at < 0) return undefined;
  const after = lines.slice(at + 1);
  const major = Number(after.findLast((line) => /^\d{1,2}$/.test(line)) ?? 5);
  const home = after.map((line) => line.trim()).find((line) => /^[A-Za-z]:\\/.test(line));
  const language = major < 6 ? "powershell" : "pwsh";
  return { language, home, facts: `Windows, PowerShell ${major}` };
}
