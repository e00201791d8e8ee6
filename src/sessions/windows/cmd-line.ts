import { cmdWord, longestCmdLine, readCmd } from "./cmd-words.ts";
import { tooLong, type WindowsLine, type WindowsText } from "./windows-line.ts";

/** Of `longestCmdLine`, for what the server puts around the line. */
const serverRoom = 150;

/** The line that has cmd.exe run a text, and tell behind its output how it ended, where it is and which variables there are. */
export function cmdLine(request: WindowsText): WindowsLine {
  const { text } = request;
  const severalLines = /[\r\n]/.test(text.trim());
  const reading = readCmd(text);
  const body = reading.takesRest ? `(${reading.enclosed})` : text.trimEnd();
  const inline = around(request, `${settings(request, "caret").join("&")}${body}`);
  const fits = inline.length <= longestCmdLine - serverRoom;
  if (!severalLines && fits && !reading.open && !(reading.takesRest && mayClose(text))) return { line: inline };
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

/** A variable may bring parentheses, as those do that name `Program Files (x86)`. */
function mayClose(text: string): boolean {
  return /%[^%\s]+%/.test(text);
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
