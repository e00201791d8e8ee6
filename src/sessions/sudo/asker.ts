import { shellWord } from "../../base/index.ts";

/** Programs that may ask: what they are called in the kernel's list of processes. */
const askers: ReadonlySet<string> = new Set(["sudo", "sudo-rs", "sudoedit"]);

/** Stands for NUL in what `answer.sh` sends of a command line, and for a newline in what it sends of a file. */
const argumentEnd = "\u001F";
const lineEnd = "\r";

/** Who asks for a secret on a host, as far as that can be known. */
export interface Asker {
  /** Why it is not certain that sudo asks, and nobody else hears the answer; undefined when it is. */
  readonly doubt: string | undefined;
  /** Its command line, quoted for people. */
  readonly command: string | undefined;
  /** Process id and start time of the program that asks. */
  readonly process: string;
  /** Where the answer goes, for a look at who reads it. */
  readonly stdout: string;
  /** The command of the session that it belongs to. */
  readonly of: number | "shell" | undefined;
}

export type AskerVerdict =
  | { readonly kind: "gone" }
  | { readonly kind: "refused"; readonly why: string; readonly of: Asker["of"] }
  | { readonly kind: "asker"; readonly asker: Asker };

/** What the asking program must be, byte for byte. */
export interface AskingProgram {
  readonly path: string;
  readonly text: string;
}

/** Judges what the host tells of an asker (`look` of `answer.sh`): sudo as root with our own unchanged program, or an impostor. */
export function judgeAsker(pid: number, lines: readonly string[], program: AskingProgram): AskerVerdict {
  const facts = new Facts(lines);
  if (facts.has("gone")) return { kind: "gone" };
  if (facts.has("blind")) {
    const doubt = "this host does not show which processes it runs";
    return { kind: "asker", asker: { doubt, command: undefined, process: `${pid}`, stdout: "-", of: undefined } };
  }
  const of = ofCommand(facts.get("of"));
  const [parent = "-", user = "-", start = "-", name = "-"] = facts.get("parent").split(" ");
  const why = impostor(facts, program) ?? (user === "-" ? undefined : notSudo(name, user));
  if (why !== undefined) return { kind: "refused", why, of };
  return {
    kind: "asker",
    asker: {
      doubt: user === "-" ? "this host hides the processes of others, so the one that asks cannot be seen" : undefined,
      command: user === "-" ? undefined : quoted(facts.get("command")),
      process: processKey(parent, start),
      stdout: facts.get("stdout"),
      of,
    },
  };
}

/** Judges a last look, right before the answer (`give`): why it must not be given; undefined when it may. */
export function judgeReaders(pid: number, lines: readonly string[], asker: Asker): string | undefined {
  const facts = new Facts(lines);
  if (!facts.has("open")) return "it has gone";
  if (asker.stdout === "-") return undefined;
  const [parent = "-", , start = "-"] = facts.get("parent").split(" ");
  if (processKey(parent, start) !== asker.process) return "the process that asked has changed";
  const listener = facts.get("listens");
  if (listener !== "") return `process ${listener} would read the answer, too`;
  return readsAlone(pid, facts.all("reads"), asker);
}

/** The asking program's own `cat` reads it, and its output goes where that of the asking program goes. */
function readsAlone(pid: number, readers: readonly string[], asker: Asker): string | undefined {
  const own = `${pid} cat ${asker.stdout}`;
  const words = readers.map((line) => line.split(" "));
  const [thief] = words.filter(([, ...what], at) => what.join(" ") !== own || at > 0);
  if (thief !== undefined) return `process ${thief[0] ?? "?"} would read the answer, too`;
  return words.length === 1 ? undefined : "it does not wait for it";
}

class Facts {
  readonly #lines: readonly string[];

  constructor(lines: readonly string[]) {
    this.#lines = lines;
  }

  has(word: string): boolean {
    return this.#lines.some((line) => line === word || line.startsWith(`${word} `));
  }

  all(word: string): readonly string[] {
    return this.#lines.filter((line) => line.startsWith(`${word} `)).map((line) => line.slice(word.length + 1));
  }

  get(word: string): string {
    return this.all(word)[0] ?? "";
  }
}

function processKey(pid: string, start: string): string {
  return `${pid}.${start}`;
}

/** What is wrong with the program that asks in sudo's name. */
function impostor(facts: Facts, program: AskingProgram): string | undefined {
  const [, script, , rest] = facts.get("helper").split(argumentEnd);
  if (script !== program.path || rest !== "") return "another program asked in its place";
  if (facts.has("exe")) return "what runs the asking program is not /bin/sh";
  if (facts.get("text") !== program.text.replaceAll("\n", lineEnd)) return "the asking program on the host was changed";
  if (facts.has("env")) return `its environment holds ${facts.get("env")}, which changes what a shell does`;
  if (!/^pipe:\[\d+\]$/.test(facts.get("stdout"))) return "its answer would not go to sudo";
  return undefined;
}

function notSudo(name: string, user: string): string | undefined {
  if (!askers.has(name)) return `${name} asked, not sudo`;
  return user === "0" ? undefined : "what asked is called sudo and does not run as root";
}

function ofCommand(word: string): Asker["of"] {
  if (word === "shell") return word;
  return /^\d+$/.test(word) ? Number(word) : undefined;
}

function quoted(line: string): string {
  const words = line.split(argumentEnd).slice(0, -1);
  return words.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : shellWord(word))).join(" ");
}
