import { matchesWildcard } from "../base/index.ts";

/** Lists of algorithms as ssh_config has them, by keyword in lower case: whole, or with `+`, `-` or `^` a change of what is usual. */
export type AlgorithmLists = Readonly<Record<string, string>>;

/** The names that a list of ssh_config stands for, in its order (ssh_config(5), Ciphers); what is usual where there is none. */
export function chosenNames(list: string | undefined, usual: readonly string[]): readonly string[] {
  if (list === undefined) return usual;
  const names = list.replace(/^[-+^]/, "").split(",");
  if (list.startsWith("+")) return [...usual, ...names.filter((name) => !usual.includes(name))];
  if (list.startsWith("^")) return [...names, ...usual.filter((name) => !names.includes(name))];
  if (!list.startsWith("-")) return names;
  return usual.filter((name) => !names.some((pattern) => matchesWildcard(pattern, name)));
}
