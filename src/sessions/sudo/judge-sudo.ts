import { Facts, argumentEnd, lineEnd } from "./asker-facts.ts";

/** pam_ssh_agent_auth cuts words at about this length. */
const longestWord = 250;

/** `answer.sh` sends no more of a command line. */
const longestLine = 4_096;

/** A sudo that is to be let in by a key: which process it is, and the command of the session that it belongs to. */
export interface KeySudo {
  readonly began: string;
  readonly of: number | "shell" | undefined;
}

/** What the host tells of a process (`key` of `answer.sh`); undefined when it has gone. */
export function readKeySudo(lines: readonly string[]): KeySudo | undefined {
  const facts = new Facts(lines);
  const [, , began] = facts.get("process").split(" ");
  if (began === undefined) return undefined;
  const of = facts.get("of");
  return { began, of: of === "shell" ? of : /^\d+$/.test(of) ? Number(of) : undefined };
}

/** Why a key must not sign for `words`, which somebody says is what the process runs that began then; undefined when it may: that is sudo, as root, and runs just that. */
export function faultOfSudo(lines: readonly string[], began: string, words: readonly string[]): string | undefined {
  const facts = new Facts(lines);
  const [user, name, since, ...more] = facts.get("process").split(" ");
  if (since !== began) return "the sudo that it was for has gone";
  const isSudo = user === "0" && more.length === 0 && /^sudo(edit)?$/.test(name ?? "");
  if (!isSudo) return "what wants it is not sudo, run by root";
  const line = facts.get("command");
  const own = line.split(argumentEnd);
  const cut = Buffer.byteLength(line) >= longestLine;
  const asked = words.map(asSent);
  const equal = (word: string, at: number): boolean => {
    const real = own[at];
    if (real === undefined) return cut;
    if (word === real) return true;
    return (
      (word.length >= longestWord && real.startsWith(word)) ||
      (cut && at === own.length - 1 && word.startsWith(real.replace(/\uFFFD+$/, "")))
    );
  };
  const count = own.length - 1;
  if ((cut || asked.length === count) && asked.every(equal)) return undefined;
  return "it is for another command line than sudo has";
}

/** As `answer.sh` sends a word. */
function asSent(word: string): string {
  return word.replaceAll("\u001F", "?").replaceAll("\u001E", "?").replaceAll("\n", lineEnd);
}
