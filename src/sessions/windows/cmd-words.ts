/** The longest line that cmd.exe takes, in UTF-16 units. */
export const longestCmdLine = 8191;

/**
 * Text as one word of a line for cmd.exe, on a command line (`percent` "caret") or in a batch file ("double"). Whatever could mean something
 * has a caret before it, and the name between two percent signs ends with one, so that it names no variable.
 */
export function cmdWord(text: string, percent: "caret" | "double" = "caret"): string {
  return text.replaceAll(/[^\w\u0080-\uFFFF\\/.-]/g, (sign) =>
    sign === "%" && percent === "double" ? "%%" : `^${sign}`,
  );
}

/** What goes wrong with a text that is put before others on one line. */
export interface CmdReading {
  /** An `if` or a `for` takes what follows it as its own, unless it is in parentheses. */
  readonly takesRest: boolean;
  /** A quote or a parenthesis is left open, or a remark takes the rest: nothing can follow it on its line. */
  readonly open: boolean;
  /** The text without what would take something that follows it. */
  readonly plain: string;
  /** It with what would close parentheses around it made plain. */
  readonly enclosed: string;
}

/** Conditions of `if` that are followed by one word. */
const oneWordConditions: ReadonlySet<string> = new Set(["exist", "errorlevel", "defined", "cmdextversion"]);

/** `begin`: a command's name comes; `args`: what follows it; `condition`: of an `if`; `list`: of a `for`, up to `do`; `closed`: behind a parenthesis. */
type Place = "begin" | "args" | "condition" | "list" | "closed";

interface Scan {
  out: string;
  word: string;
  place: Place;
  depth: number;
  quoted: boolean;
  takesRest: boolean;
  remark: boolean;
  /** Words of a condition that are still to come; undefined: it is not known yet how many it has. */
  left: number | undefined;
}

/** Reads one line as cmd.exe does after it has put in the variables. */
export function readCmd(text: string): CmdReading {
  const scan: Scan = {
    out: "",
    word: "",
    place: "begin",
    depth: 0,
    quoted: false,
    takesRest: false,
    remark: false,
    left: undefined,
  };
  const line = withoutEnd(text);
  for (let at = 0; at < line.length; at += 1) {
    const sign = line.charAt(at);
    if (!scan.quoted && sign === "^") {
      scan.out += line.slice(at, at + 2);
      scan.word += line.charAt(at + 1);
      at += 1;
    } else take(scan, sign);
  }
  endWord(scan);
  const open = scan.quoted || scan.depth > 0 || scan.remark || /^[\s@(]*:/.test(line);
  return { takesRest: scan.takesRest, open, plain: line, enclosed: scan.out };
}

/** A caret at the end would make a mere sign of what follows, and one `&` two. */
function withoutEnd(text: string): string {
  const line = text.trimEnd().replace(/(?<!\^)((?:\^\^)*)\^$/, "$1");
  return line.replace(/(?<![&^])&$/, "").trimEnd();
}

function take(scan: Scan, sign: string): void {
  if (sign === '"') scan.quoted = !scan.quoted;
  if (scan.quoted || !/[\s&|<>();,@]/.test(sign)) {
    scan.word += sign;
    scan.out += sign;
    return;
  }
  endWord(scan);
  if (sign === ")") closes(scan);
  else scan.out += sign;
  if (sign === "(" && (scan.place === "begin" || scan.place === "list")) scan.depth += 1;
  if (sign === "&" || sign === "|") scan.place = "begin";
}

function closes(scan: Scan): void {
  scan.out += scan.depth > 0 ? ")" : "^)";
  scan.depth = Math.max(0, scan.depth - 1);
  if (scan.place !== "list") scan.place = "closed";
}

function endWord(scan: Scan): void {
  const word = scan.word.toLowerCase();
  scan.word = "";
  if (word === "") return;
  if (scan.place === "begin") named(scan, word);
  else if (scan.place === "condition") condition(scan, word);
  else if (scan.place === "closed") scan.place = word === "else" ? "begin" : "args";
  else if (scan.place === "list" && word === "do") scan.place = "begin";
}

function named(scan: Scan, word: string): void {
  scan.place = "args";
  if (word === "rem") scan.remark = true;
  if (word !== "if" && word !== "for") return;
  scan.takesRest = true;
  scan.place = word === "for" ? "list" : "condition";
  scan.left = undefined;
}

/** `not exist x`, `a==b`, `a == b`, `a equ b`. */
function condition(scan: Scan, word: string): void {
  if (scan.left === undefined) {
    if (word === "/i" || word === "not") return;
    if (oneWordConditions.has(word) || word.endsWith("==")) scan.left = 1;
    else scan.left = word.includes("==") ? 0 : 2;
  } else scan.left -= word.startsWith("==") && word.length > 2 ? 2 : 1;
  if (scan.left <= 0) scan.place = "begin";
}
