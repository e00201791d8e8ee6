import { shellWord } from "../../base/index.ts";
import type { TerminalAskerKind } from "../sudo/secret-question.ts";

/** Programs that may ask on a terminal, by what the kernel calls them. */
const kinds: Readonly<Record<string, TerminalAskerKind>> = { su: "su", doas: "doas", passwd: "passwd" };

/**
 * System calls of a shell that waits for a child, and so does not read: wait4, waitid and rt_sigsuspend, by their numbers on x86-64, on
 * arm64 and riscv64, and on 32-bit arm and x86.
 */
const waiting: ReadonlySet<string> = new Set(["61", "247", "130", "260", "95", "133", "114", "280", "284", "179"]);

/** Stands for NUL in what `answer.sh` sends of a command line. */
const argumentEnd = "\u001F";

/** A program that waits for a password on a terminal, and is alone there. */
export interface TerminalAsker {
  readonly kind: TerminalAskerKind;
  /** Process id and start time. */
  readonly process: string;
  /** How often it has gone to sleep: the same number for as long as it waits for one thing. */
  readonly sleeps: string;
  /** Its command line, quoted for people. */
  readonly command: string;
}

/** `none`: nothing is hidden there. */
export type TerminalVerdict =
  | { readonly kind: "none" }
  | { readonly kind: "refused"; readonly why: string }
  | { readonly kind: "asker"; readonly asker: TerminalAsker };

interface Process {
  readonly pid: string;
  readonly parent: string;
  readonly group: string;
  readonly session: string;
  readonly user: string;
  readonly start: string;
  readonly state: string;
  readonly call: string;
  readonly sleeps: string;
  readonly name: string;
}

/**
 * Judges what the host tells of a terminal (`term` of `answer.sh`). What is typed there may go to one program only: its echo is off, exactly
 * one process in its foreground is root's and one of the known programs, everybody else there only waits for it to end, and nobody else
 * has the terminal or its input open.
 */
export function judgeTerminal(lines: readonly string[]): TerminalVerdict {
  const facts = new TerminalFacts(lines);
  const front = facts.front;
  if (front === undefined) return { kind: "none" };
  const known = front.filter(({ name, user }) => user === "0" && Object.hasOwn(kinds, name));
  const [asker] = known;
  const kind = asker === undefined ? undefined : kinds[asker.name];
  if (asker === undefined || kind === undefined) return { kind: "refused", why: nobodyKnown(front) };
  const why = known.length > 1 ? "several programs ask there" : (impostor(asker, facts) ?? stranger(asker, facts));
  if (why !== undefined) return { kind: "refused", why };
  return {
    kind: "asker",
    asker: {
      kind,
      process: `${asker.pid}.${asker.start}`,
      sleeps: asker.sleeps,
      command: facts.commandOf(asker),
    },
  };
}

class TerminalFacts {
  readonly #lines: readonly string[];
  readonly processes: readonly Process[];

  constructor(lines: readonly string[]) {
    this.#lines = lines;
    this.processes = this.all("proc").map(processOf);
  }

  all(word: string): readonly string[] {
    return this.#lines.filter((line) => line.startsWith(`${word} `)).map((line) => line.slice(word.length + 1));
  }

  /** The session of the terminal, and its foreground; undefined where it shows what is typed. */
  get front(): readonly Process[] | undefined {
    const [hidden] = this.all("hidden");
    const [group, session] = hidden?.split(" ") ?? [];
    if (group === undefined) return undefined;
    return this.processes.filter((process) => process.group === group && process.session === session);
  }

  /** Who has started this one, who that one, and so on. */
  above(pid: string): ReadonlySet<string> {
    const parents = new Map(this.processes.map((process) => [process.pid, process.parent]));
    for (const line of this.all("above")) {
      const [child = "", parent = ""] = line.split(" ");
      parents.set(child, parent);
    }
    const found = new Set<string>();
    let next = parents.get(pid);
    while (next !== undefined && !found.has(next)) {
      found.add(next);
      next = parents.get(next);
    }
    return found;
  }

  commandOf({ pid, name }: Process): string {
    const line = this.all(`argv ${pid}`)[0] ?? name;
    const words = line.split(argumentEnd).filter((word, at, all) => word !== "" || at < all.length - 1);
    return words.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : shellWord(word))).join(" ");
  }
}

function processOf(line: string): Process {
  const [pid = "", parent = "", group = "", session = "", user = "", ...more] = line.split(" ");
  const [start = "", state = "", call = "", sleeps = "", name = ""] = more;
  return { pid, parent, group, session, user, start, state, call, sleeps, name };
}

function nobodyKnown(front: readonly Process[]): string {
  const [last] = front.slice(-1);
  const who =
    last === undefined ? "what reads there cannot be seen" : `${last.name} reads there, not su, doas or passwd`;
  return `${who}, run by root`;
}

/** What is wrong with the program that asks. */
function impostor(asker: Process, facts: TerminalFacts): string | undefined {
  const [mode = "", owner = "", path = ""] = (facts.all(`file ${asker.name}`)[0] ?? "").split(" ");
  if (!mode.startsWith("-rws") || owner !== "0") return `${asker.name} is not root's program of that name`;
  const [exe] = facts.all(`exe ${asker.pid}`);
  if (exe !== undefined && exe !== path) return `${exe} asks, not ${path}`;
  if (!/^\d+$/.test(asker.sleeps)) return `the host does not show whether ${asker.name} waits`;
  return asker.state === "S" ? undefined : `${asker.name} does not wait for it`;
}

/** Who else could read what is typed. */
function stranger(asker: Process, facts: TerminalFacts): string | undefined {
  const above = facts.above(asker.pid);
  for (const process of facts.processes) {
    if (process.pid === asker.pid) continue;
    if (!above.has(process.pid)) return `process ${process.pid} (${process.name}) is on the terminal, too`;
    const hidden = process.call === "-" && process.user === "0";
    if (!hidden && !waiting.has(process.call)) return `process ${process.pid} (${process.name}) may read there, too`;
  }
  const holders = new Set([...above, ...facts.all("holder"), asker.pid]);
  const thief = facts.all("reads").find((pid) => !holders.has(pid));
  return thief === undefined ? undefined : `process ${thief} would read the answer, too`;
}
