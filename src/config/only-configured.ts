import { HoldfastError } from "../base/index.ts";
import type { Environment } from "./environment.ts";
import type { LoadedConfig } from "./loaded-config.ts";
import { aliasesOfVariables } from "./override-variables.ts";
import { parseTargetText } from "./target-text.ts";
import type { TargetOverrides } from "./target.ts";

/** Names in a hint; more would not be read. */
const mostNamed = 8;

/** Throws `denied_by_policy` for a target that is not set up by name, and for one whose place or account the call changes. */
export function requireConfigured(
  text: string,
  overrides: TargetOverrides,
  { config, env }: { readonly config: LoadedConfig; readonly env: Environment },
): void {
  const { host, user, port } = parseTargetText(text);
  const aliases = [...config.targets.keys()];
  const variables = aliasesOfVariables(env);
  const known = config.targets.has(host) || variables.includes(host.toLowerCase().replaceAll(/[^a-z0-9]/g, "_"));
  if (!known) {
    throw new HoldfastError("denied_by_policy", `${JSON.stringify(host)} is none of the targets that are set up here`, {
      hint: `Only those may be used: ${nearest(host, [...new Set([...aliases, ...variables])])}`,
    });
  }
  const changed = Object.entries({
    user: user ?? overrides.user,
    port: port ?? overrides.port,
    jump: overrides.jump,
  }).flatMap(([name, value]) => (value === undefined ? [] : [name]));
  if (changed.length === 0) return;
  throw new HoldfastError(
    "denied_by_policy",
    `${host} may be used only as it is set up, without another ${changed[0]}`,
    {
      hint: `Call it as ${JSON.stringify(host)}`,
    },
  );
}

function nearest(wanted: string, names: readonly string[]): string {
  if (names.length === 0) return "there are none";
  const ranked = names.toSorted((one, other) => distance(wanted, one) - distance(wanted, other));
  const more = names.length > mostNamed ? `, and ${names.length - mostNamed} more` : "";
  return `${ranked.slice(0, mostNamed).join(", ")}${more}`;
}

/** Characters compared of a name: the cost is their square. */
const comparedCharacters = 64;

/** How many letters must change to turn one name into the other. */
function distance(one: string, other: string): number {
  const left = one.slice(0, comparedCharacters);
  const right = other.slice(0, comparedCharacters);
  let row = Array.from({ length: right.length + 1 }, (_, at) => at);
  for (let at = 1; at <= left.length; at += 1) {
    const next = [at];
    for (let to = 1; to <= right.length; to += 1) {
      const change = (row[to - 1] ?? 0) + (left[at - 1] === right[to - 1] ? 0 : 1);
      next.push(Math.min(change, (row[to] ?? 0) + 1, (next[to - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[right.length] ?? 0;
}
