import { userInfo } from "node:os";
import { HoldfastError, matchesWildcard } from "../base/index.ts";
import type { ConfigLine } from "./ssh-config-lines.ts";

/** What Host and Match lines are compared with, as far as it is known when they are read. */
export interface MatchFacts {
  /** What Host lines see. */
  readonly name: string;
  /** The name as it was asked for. */
  readonly original: string;
  /** With HostName put in. */
  readonly host: string;
  readonly user: string;
  readonly finalPass: boolean;
  /** Called when a second pass is asked for. */
  readonly wantFinal: () => void;
}

/** Whether a Host line is for the name: one of its patterns, and none of those with `!`. Case counts, as it does to ssh. */
export function hostLineApplies({ words }: ConfigLine, name: string): boolean {
  if (words.some((word) => word.startsWith("!") && matchesWildcard(word.slice(1), name))) return false;
  return words.some((word) => !word.startsWith("!") && matchesWildcard(word, name));
}

/** A list of patterns with commas: one must match, and none with `!`. */
function matchesList(list: string, text: string): boolean {
  const patterns = list.split(",");
  if (patterns.some((one) => one.startsWith("!") && matchesWildcard(one.slice(1), text))) return false;
  return patterns.some((one) => !one.startsWith("!") && matchesWildcard(one, text));
}

const criteria: Readonly<Record<string, (facts: MatchFacts, list: string) => boolean>> = {
  host: ({ host }, list) => matchesList(list.toLowerCase(), host.toLowerCase()),
  originalhost: ({ original }, list) => matchesList(list.toLowerCase(), original.toLowerCase()),
  user: ({ user }, list) => matchesList(list, user),
  localuser: (_facts, list) => matchesList(list, userInfo().username),
  // Nothing is run here: such a block counts as not matching.
  exec: () => false,
};

/** Whether a Match line holds. Throws `config_invalid` for a line that ssh would refuse. */
export function matchLineApplies(line: ConfigLine, facts: MatchFacts): boolean {
  const words = attributesOf(line);
  let result = true;
  for (let at = 0; at < words.length; at += 1) {
    const [word = ""] = words.slice(at);
    const negated = word.startsWith("!");
    const name = word.slice(negated ? 1 : 0).toLowerCase();
    if (name === "all") return allLine(line, at, words) && result && !negated;
    if (name === "canonical" || name === "final") {
      if (name === "final") facts.wantFinal();
      if (facts.finalPass === negated) result = false;
      continue;
    }
    at += 1;
    if (!holds(line, { name, argument: words[at], negated }, facts)) result = false;
  }
  return result;
}

interface Criterion {
  readonly name: string;
  readonly argument: string | undefined;
  readonly negated: boolean;
}

function holds(line: ConfigLine, { name, argument, negated }: Criterion, facts: MatchFacts): boolean {
  if (argument === undefined || argument === "") throw malformed(line, `Match ${name} needs a value`);
  const criterion = criteria[name];
  // Criteria of newer versions that are not known here, and commands: never taken for true, negated or not.
  if (criterion === undefined || name === "exec") return false;
  return criterion(facts, argument) !== negated;
}

function allLine(line: ConfigLine, at: number, words: readonly string[]): boolean {
  if (at > 1 || words.length > at + 1) throw malformed(line, "Match all cannot be combined with other criteria");
  return true;
}

/** `host=web*` is `host web*`. */
function attributesOf({ words }: ConfigLine): readonly string[] {
  return words.flatMap((word) => {
    const [, name, value] = /^(!?(?:host|originalhost|user|localuser|exec))=(.*)$/i.exec(word) ?? [];
    return name === undefined || value === undefined ? [word] : [name, value];
  });
}

function malformed({ file, line }: ConfigLine, what: string): HoldfastError {
  return new HoldfastError("config_invalid", `${file} line ${line}: ${what}`, { hint: "Mend that line" });
}

/** Whether a Match line depends on a command. */
export function asksCommand(line: ConfigLine): boolean {
  return line.keyword === "match" && attributesOf(line).some((word) => /^!?exec$/i.test(word));
}
