import { readFile, readdir } from "node:fs/promises";
import { homedir } from "node:os";
import { basename, dirname, isAbsolute, join } from "node:path";
import { HoldfastError, matchesWildcard, messageOf } from "../base/index.ts";
import { variable, type Environment } from "./environment.ts";
import type { SshQuestion } from "./ssh-settings.ts";

/** One line of an ssh_config file. */
export interface ConfigLine {
  readonly file: string;
  readonly line: number;
  readonly keyword: string;
  readonly words: readonly string[];
}

/** As OpenSSH: deeper nesting is a loop. */
const deepestInclude = 16;

function systemFile(): string {
  return "/etc/ssh/ssh_config";
}

/** The files to read: $HOLDFAST_SSH_CONFIG alone, or the user's and the system's. */
export function sshConfigFiles(env: Environment): readonly string[] {
  const own = variable(env, "HOLDFAST_SSH_CONFIG");
  return own === undefined ? [join(homedir(), ".ssh", "config"), systemFile()] : [own];
}

/** Words separated by blanks, `"..."` being one word. */
function splitWords(text: string): readonly string[] {
  return [...text.matchAll(/"([^"]*)"|(\S+)/g)].map((match) => match[1] ?? match[2] ?? "");
}

function parseLine(text: string, file: string, line: number): ConfigLine | undefined {
  const [, keyword, rest] = /^\s*([A-Za-z]\w*)(?:\s*=\s*|\s+)(.*?)\s*$/.exec(text) ?? [];
  if (keyword === undefined || rest === undefined) return undefined;
  return { file, line, keyword: keyword.toLowerCase(), words: splitWords(rest) };
}

async function expandGlob(pattern: string): Promise<readonly string[]> {
  if (!/[*?]/.test(pattern)) return [pattern];
  // Wildcards in the last part only: that is what Include is used for (config.d/*.conf).
  const directory = dirname(pattern);
  try {
    const names = await readdir(directory);
    return names
      .filter((name) => !name.startsWith(".") && matchesWildcard(basename(pattern), name))
      .toSorted()
      .map((name) => join(directory, name));
  } catch {
    return [];
  }
}

async function includedFiles(words: readonly string[], from: string): Promise<readonly string[]> {
  const base = from === systemFile() ? dirname(systemFile()) : join(homedir(), ".ssh");
  const patterns = words.map((word) =>
    word.startsWith("~/") ? join(homedir(), word.slice(2)) : isAbsolute(word) ? word : join(base, word),
  );
  const lists = await Promise.all(patterns.map(expandGlob));
  return lists.flat();
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

/** The lines of a file with those of included files in their place. A file that is not there has none. Rejects with `config_invalid`. */
async function configLines(file: string, depth = 0): Promise<readonly ConfigLine[]> {
  if (depth > deepestInclude) {
    throw new HoldfastError("config_invalid", `${file} is included within itself`, {
      hint: "Take the Include line out",
    });
  }
  const text = await readText(file);
  const lines: ConfigLine[] = [];
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const line = parseLine(raw, file, index + 1);
    if (line === undefined) continue;
    if (line.keyword !== "include") {
      lines.push(line);
      continue;
    }
    // What is included under a Host line applies to that host only; afterwards that Host line goes on.
    const heading = lines.findLast((earlier) => earlier.keyword === "host" || earlier.keyword === "match");
    const files = await includedFiles(line.words, file);
    for (const included of files) lines.push(...(await configLines(included, depth + 1)));
    if (heading !== undefined) lines.push(heading);
  }
  return lines;
}

function hostApplies(patterns: readonly string[], host: string): boolean {
  const matches = (pattern: string): boolean => matchesWildcard(pattern.toLowerCase(), host.toLowerCase());
  if (patterns.some((pattern) => pattern.startsWith("!") && matches(pattern.slice(1)))) return false;
  return patterns.some((pattern) => !pattern.startsWith("!") && matches(pattern));
}

/** Keywords whose values add up instead of the first one counting. */
const cumulative: readonly string[] = ["identityfile", "certificatefile"];

/** Settings of a host read without ssh: Host and Include, no Match but `Match all`. Rejects with `config_invalid`. */
export async function readSettings(
  question: SshQuestion,
  env: Environment,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const settings = new Map<string, string[]>();
  if (question.hostName !== undefined) settings.set("hostname", [question.hostName]);
  for (const file of sshConfigFiles(env)) {
    let applies = true;
    for (const { keyword, words } of await configLines(file)) {
      if (keyword === "host") applies = hostApplies(words, question.name);
      else if (keyword === "match") applies = words.length === 1 && words[0]?.toLowerCase() === "all";
      else if (applies) {
        const earlier = settings.get(keyword);
        if (earlier === undefined) settings.set(keyword, [words.join(" ")]);
        else if (cumulative.includes(keyword)) earlier.push(words.join(" "));
      }
    }
  }
  return settings;
}

/** A name that ssh_config has a Host line for. */
export interface ConfiguredHost {
  readonly alias: string;
  readonly file: string;
  readonly line: number;
}

/** The Host names of ssh_config that name one host (no wildcards), in their order, each once. Rejects with `config_invalid`. */
export async function listConfiguredHosts(env: Environment = process.env): Promise<readonly ConfiguredHost[]> {
  const found = new Map<string, ConfiguredHost>();
  for (const file of sshConfigFiles(env)) {
    for (const line of await configLines(file)) {
      if (line.keyword !== "host") continue;
      for (const alias of line.words) {
        if (!/[*?!]/.test(alias) && !found.has(alias)) found.set(alias, { alias, file: line.file, line: line.line });
      }
    }
  }
  return [...found.values()];
}
