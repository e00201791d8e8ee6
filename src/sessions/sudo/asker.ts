import { Facts, argumentEnd, lineEnd, quoted } from "./asker-facts.ts";
import { gatedSudo } from "./gated-sudo.ts";
import { isGpgEntry } from "./gpg-words.ts";
import type { AskerKind } from "./secret-question.ts";

/** Programs that ask as root: what they are called in the kernel's list of processes. */
const rootAskers: ReadonlySet<string> = new Set(["sudo", "sudo-rs", "sudoedit"]);

/** Programs that ask as the user: what their files are called. */
const userAskers: readonly (readonly [RegExp, AskerKind])[] = [
  [/^ssh(-add|-keygen)?$/, "ssh"],
  [/^git(-[a-z-]+)?$/, "git"],
  [/^gpg-agent$/, "gpg"],
];

/** Who asks for a secret on a host, as far as that can be known. */
export interface Asker {
  readonly kind: AskerKind;
  /** The file of a program that runs as the user, so that anything of theirs could have made it ask; undefined for sudo. */
  readonly program: string | undefined;
  /** Why it is not certain that sudo asks, and nobody else hears the answer; undefined when it is. */
  readonly doubt: string | undefined;
  /** Its command line, quoted for people. */
  readonly command: string | undefined;
  /** Process id and start time of the program that asks; for gpg of its pinentry, and of gpg-agent. */
  readonly process: string;
  /** Where the answer goes, for a look at who reads it. */
  readonly stdout: string;
  /** The command of the session that it belongs to. */
  readonly of: number | "shell" | undefined;
}

export type AskerVerdict =
  | { readonly kind: "gone" }
  | ({ readonly kind: "refused"; readonly why: string } & Pick<Asker, "of" | "process">)
  | { readonly kind: "asker"; readonly asker: Asker };

/** What the asking program must be, byte for byte. */
export interface AskingProgram {
  readonly path: string;
  readonly text: string;
  /** What gpg-agent starts, and asks for it. */
  readonly pinentry: { readonly path: string; readonly text: string };
  /** What stands for sudo, and asks for one that cannot ask by itself. */
  readonly wrapper: { readonly path: string; readonly text: string };
  /** It does so whatever the version of sudo: the settings say that this one cannot. */
  readonly gated?: boolean;
}

const unseen = {
  kind: "sudo",
  program: undefined,
  doubt: "this host does not show which processes it runs",
  command: undefined,
  stdout: "-",
  of: undefined,
} as const;

/**
 * Judges what the host tells of an asker (`look` of `answer.sh`): sudo as root, or the host's own ssh, git or gpg as the user, with our own
 * unchanged program; or an impostor.
 */
export function judgeAsker(pid: number, lines: readonly string[], program: AskingProgram): AskerVerdict {
  const facts = new Facts(lines);
  if (facts.has("gone")) return { kind: "gone" };
  if (facts.has("blind")) return { kind: "asker", asker: { ...unseen, process: `${pid}` } };
  const of = ofCommand(facts.get("of"));
  const [, user = "-", , name = "-"] = (facts.get("agent") || facts.get("parent")).split(" ");
  const by = userAsker(facts, user, name);
  const gated = gatedSudo(facts, program);
  const why = impostor(facts, program, by) ?? notSudo(name, user, by ?? gated);
  if (why !== undefined) return { kind: "refused", why, of, process: processOf(facts) };
  return {
    kind: "asker",
    asker: {
      ...(by ?? { kind: "sudo", program: undefined }),
      ...(gated ?? seen(facts, user)),
      process: processOf(facts),
      stdout: facts.get("stdout"),
      of,
    },
  };
}

/** Judges a look in between (`still`): whether the same process waits for an answer. */
export function stillAsks(lines: readonly string[], asker: Asker): boolean {
  const facts = new Facts(lines);
  if (facts.has("gone")) return false;
  return !facts.has("parent") || processOf(facts) === asker.process;
}

/** Judges a last look, right before the answer (`give`): why it must not be given; undefined when it may. */
export function judgeReaders(pid: number, lines: readonly string[], asker: Asker): string | undefined {
  const facts = new Facts(lines);
  if (!facts.has("open")) return "it has gone";
  if (asker.stdout === "-") return undefined;
  if (processOf(facts) !== asker.process) return "the process that asked has changed";
  // sudo's end of the pipe is not to be seen; that of a program of the user is its own.
  const [hears] = (facts.get("agent") || facts.get("parent")).split(" ");
  const listener = facts.all("listens").find((one) => asker.program === undefined || one !== hears) ?? "";
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

/** Process id and start time of what started the asking program, and of gpg-agent above it. */
function processOf(facts: Facts): string {
  const words = [...facts.all("parent").slice(0, 1), ...facts.all("agent").slice(0, 1)].map((line) => line.split(" "));
  return words.map(([pid = "-", , start = "-"]) => `${pid}.${start}`).join("-");
}

/**
 * The host's own program that asks as the user, if one does: nobody else can have written its file. gpg-agent hides its own, so that it is only
 * known to be one that hides, of that name: little less, as the real one asks for whatever runs as the user, in any words.
 */
function userAsker(facts: Facts, user: string, name: string): Pick<Asker, "kind" | "program"> | undefined {
  const [, own, owner, path] = /^(\d+) (\d+) (\/.*?)(?: \(deleted\))?$/.exec(facts.get("by")) ?? [];
  if (facts.has("hides") && user === facts.get("hides") && name === "gpg-agent") return { kind: "gpg", program: name };
  if (path === undefined || owner !== "0" || user !== own) return undefined;
  const file = path.slice(path.lastIndexOf("/") + 1);
  const kind = userAskers.find(([called]) => called.test(file))?.[1];
  return kind === undefined ? undefined : { kind, program: path };
}

/** What is wrong with the program that asks in another's name. `by`: for a program whose environment is the user's own, whatever that holds. */
function impostor(facts: Facts, program: AskingProgram, by: Pick<Asker, "kind"> | undefined): string | undefined {
  const [, script, , ...after] = facts.get("helper").split(argumentEnd);
  const [forGpg, kindSays] = [facts.has("agent"), by?.kind === "gpg"];
  const asItShould = forGpg ? isGpgEntry(facts, program.pinentry, after) : after[0] === "";
  if (script !== program.path || !asItShould || forGpg !== kindSays) return "another program asked in its place";
  if (facts.has("exe")) return "what runs the asking program is not /bin/sh";
  if (facts.get("text") !== program.text.replaceAll("\n", lineEnd)) return "the asking program on the host was changed";
  const asUser = by !== undefined;
  if (facts.has("env") && !asUser) return `its environment holds ${facts.get("env")}, which changes what a shell does`;
  if (!/^pipe:\[\d+\]$/.test(facts.get("stdout"))) return "its answer would not go to who asks";
  return undefined;
}

const hidden = {
  doubt: "this host hides the processes of others, so the one that asks cannot be seen",
  command: undefined,
} as const;

function seen(facts: Facts, user: string): Pick<Asker, "doubt" | "command"> {
  return user === "-" ? hidden : { doubt: undefined, command: quoted(facts.get("command")) };
}

/** What is wrong with what asks, unless it is known as another asker. */
function notSudo(name: string, user: string, other: object | undefined): string | undefined {
  if (user === "-" || other !== undefined) return undefined;
  if (!rootAskers.has(name)) return `${name} asked, and it is not sudo, ssh, git or gpg of the host`;
  return user === "0" ? undefined : "what asked is called sudo and does not run as root";
}

function ofCommand(word: string): Asker["of"] {
  if (word === "shell") return word;
  return /^\d+$/.test(word) ? Number(word) : undefined;
}
