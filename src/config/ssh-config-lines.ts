import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, isAbsolute, join } from "node:path";
import { HoldfastError, messageOf } from "../base/index.ts";
import { variable, type Environment } from "./environment.ts";
import { expandGlob } from "./expand-glob.ts";

/** One line of an ssh_config file. */
export interface ConfigLine {
  readonly file: string;
  readonly line: number;
  /** In lower case. */
  readonly keyword: string;
  readonly words: readonly string[];
  /** What follows the keyword, as it is written. */
  readonly rest: string;
}

const systemFile = "/etc/ssh/ssh_config";

/** The files to read: $HOLDFAST_SSH_CONFIG alone, or the user's and the system's. */
export function sshConfigFiles(env: Environment): readonly string[] {
  const own = variable(env, "HOLDFAST_SSH_CONFIG");
  return own === undefined ? [join(homedir(), ".ssh", "config"), systemFile] : [own];
}

/** A quoted part of a word; a backslash before quotes and itself takes their meaning away. */
const quoted = /"((?:\\['"\\]|[^"\\]|\\(?!['"\\]))*)"|'((?:\\['"\\]|[^'\\]|\\(?!['"\\]))*)'/.source;

/** One part of a word: quoted, a character without its meaning, or any other but a blank. */
const part = new RegExp(`${quoted}|\\\\(['"\\\\ ])|([^ \\t"'])`, "y");

/** Words as OpenSSH takes them apart, `#` at the beginning of one ends; undefined when a quote is not closed. */
function splitWords(text: string): readonly string[] | undefined {
  const words: string[] = [];
  let at = 0;
  for (;;) {
    while (text[at] === " " || text[at] === "\t") at += 1;
    if (at >= text.length || text[at] === "#") return words;
    const word = readWord(text, at);
    if (word === undefined) return undefined;
    words.push(word.text);
    at = word.end;
  }
}

function readWord(text: string, from: number): { readonly text: string; readonly end: number } | undefined {
  let word = "";
  let at = from;
  while (at < text.length && !/[ \t]/.test(text[at] ?? "")) {
    part.lastIndex = at;
    const [whole, double, single, escaped, plain] = part.exec(text) ?? [];
    if (whole === undefined) return undefined;
    word += (double ?? single)?.replaceAll(/\\(['"\\])/g, "$1") ?? escaped ?? plain ?? "";
    at += whole.length;
  }
  return { text: word, end: at };
}

function parseLine(text: string, file: string, line: number): ConfigLine | undefined {
  const [, keyword, rest] = /^[ \t]*([^\s=#"][^\s="]*)(?:[ \t]*=[ \t]*|[ \t]+)(.*?)[ \t\r\f]*$/.exec(text) ?? [];
  if (keyword === undefined || rest === undefined) return undefined;
  const words = splitWords(rest);
  if (words !== undefined) return { file, line, keyword: keyword.toLowerCase(), words, rest };
  throw new HoldfastError("config_invalid", `${file} line ${line}: a quote is not closed`, {
    hint: "Close it on the same line",
  });
}

/** The lines of a file that say something; none for a file that is not there. Rejects with `config_invalid`. */
export async function linesOf(file: string): Promise<readonly ConfigLine[]> {
  const text = await readText(file);
  return text.split("\n").flatMap((raw, at) => parseLine(raw, file, at + 1) ?? []);
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return "";
    throw new HoldfastError("config_invalid", `${file} cannot be read: ${messageOf(error)}`, {
      hint: "Make it readable",
      cause: error,
    });
  }
}

/** The files that an Include line names, in their order; relative ones lie beside the user's or the system's file. */
export async function includedFiles({ words }: ConfigLine, root: string): Promise<readonly string[]> {
  const base = root === systemFile ? dirname(systemFile) : join(homedir(), ".ssh");
  const lists = await Promise.all(
    words.map((word) => {
      if (word.startsWith("~/")) return expandGlob(join(homedir(), word.slice(2)));
      return expandGlob(isAbsolute(word) ? word : join(base, word));
    }),
  );
  return lists.flat();
}
