import { cmdWord, longestCmdLine, readCmd } from "./cmd-words.ts";
import { tooLong, type WindowsLine, type WindowsText } from "./windows-line.ts";

/** Of `longestCmdLine`, for what the server puts around the line. */
const serverRoom = 150;

/** A variable in a text, by its name, and what of it is wanted. */
const variable = /%([^%:\s]+)(:[^%]*)?%/g;

/** The line that has cmd.exe run a text, and tell behind its output how it ended, where it is and which variables there are. */
export function cmdLine(request: WindowsText): WindowsLine {
  const { text } = request;
  const severalLines = /[\r\n]/.test(text.trim());
  const inline = severalLines ? undefined : onOneLine(request);
  if (inline !== undefined) return { line: inline };
  const lines = severalLines ? text.trim().split(/\r\n|\r|\n/) : [batchText(text.trim())];
  const longest = lines.findIndex((line) => line.length > longestCmdLine);
  if (longest >= 0) {
    throw tooLong(
      `line ${longest + 1} of the command has ${lines[longest]?.length ?? 0} characters, and cmd.exe takes ${longestCmdLine}`,
      "Write it as several lines, or to a file with ssh_file_write, and run the file",
    );
  }
  const content = ["@echo off", ...settings(request, "double"), ...lines, ""].join("\r\n");
  return {
    file: { ending: ".cmd", content },
    lineFor: (path) => around(request, `"${path}"`),
  };
}

/** The line with the text in it; undefined where that is not possible. */
function onOneLine(request: WindowsText): string | undefined {
  const text = withOwnVariables(request);
  if (text === undefined) return undefined;
  const reading = readCmd(text);
  if (reading.open || unsettled({ ...request, text }, reading.takesRest)) return undefined;
  const body = reading.takesRest ? `(${reading.enclosed})` : reading.plain;
  const line = around(request, `${settings(request, "caret").join("&")}${body}`);
  return line.length <= longestCmdLine - serverRoom ? line : undefined;
}

/**
 * cmd.exe puts variables into a whole line before any of it runs, so those that the line itself sets, and the directory that it goes to, are put
 * in here; undefined where that would not be the same.
 */
function withOwnVariables({ text, changes, directory, known }: WindowsText): string | undefined {
  const own = new Set([...changes.keys()].map((name) => name.toUpperCase()));
  let possible = true;
  const put = text.replaceAll(variable, (whole, name: string, part: string | undefined) => {
    const isDirectory = name.toUpperCase() === "CD" && directory !== undefined;
    if (!isDirectory && !own.has(name.toUpperCase())) return whole;
    const value = known(name) ?? (isDirectory ? directory : undefined);
    if (value === undefined || part !== undefined || /[%\r\n]/.test(value)) possible = false;
    return value ?? "";
  });
  return possible ? put : undefined;
}

/** A body with what goes before it and behind it. */
function around({ directory, mark, bare }: WindowsText, body: string): string {
  const said = `${mark[0]}^${mark[1]}`;
  // Neither of the two sets the status back on every cmd.exe there is; one with a status of its own would be taken for the command's.
  const begin = "chcp 65001>nul&ver>nul&set HOLDFAST=1&";
  const gone = bare ? "exit 1" : `echo ${said} gone&exit 1`;
  const place = directory === undefined ? "" : `cd /d ${cmdWord(directory)}&(if errorlevel 1 (${gone}))&`;
  const end = bare ? "" : `&call echo ${said} %^ERRORLEVEL%&cd&set&echo ${said}.`;
  return `${begin}${place}${body}${end}`;
}

/** Sets the session's variables. Values of more than one line cannot be set. */
function settings({ changes }: WindowsText, percent: "caret" | "double"): readonly string[] {
  const lines = [...changes]
    .filter(([name, value = ""]) => !/[\r\n\0]/.test(name + value))
    .map(([name, value = ""]) => `set ${cmdWord(name, percent)}=${cmdWord(value, percent)}`);
  return lines.length > 0 && percent === "caret" ? [...lines, ""] : lines;
}

/**
 * Variables are put in before the line is read: one with a quote of its own opens what the rest of the line is in, and one with a parenthesis,
 * as those that name `Program Files (x86)`, closes what is `enclosed`.
 */
function unsettled({ text, known }: WindowsText, enclosed: boolean): boolean {
  return [...text.matchAll(variable)].some(([, name = ""]) => {
    const value = known(name);
    const quotes = (value ?? "").split('"').length - 1;
    return quotes % 2 === 1 || (enclosed && (value === undefined || /[()"]/.test(value)));
  });
}

/** A text for a command line as a batch file has to have it: a percent sign that names no variable is doubled. */
function batchText(line: string): string {
  const own = new Set(
    [...line.matchAll(/\bfor\s+(?:\/[a-z]\s+(?:"[^"]*"\s+)?)*%(\w)\b/gi)].map(([, letter]) => letter),
  );
  return line.replaceAll(/%(?<name>[A-Za-z_][\w().-]*)(?::[^%]*)?%|%/g, (whole, name: unknown) =>
    typeof name === "string" && !own.has(name) ? whole : whole.replaceAll("%", "%%"),
  );
}
