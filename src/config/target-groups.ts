import { HoldfastError } from "../base/index.ts";
import type { LoadedConfig } from "./loaded-config.ts";

/** Targets that belong to a group of the file, or have its name among their tags. */
function membersOf(group: string, config: LoadedConfig): readonly string[] {
  const found = new Set<string>();
  collect(group, config, { found, seen: new Set() });
  if (found.size > 0) return [...found];
  const known = knownGroups(config);
  throw new HoldfastError("target_unknown", `no target is in a group or has the tag ${JSON.stringify(group)}`, {
    hint:
      known.length === 0
        ? 'Give targets tags in config.yaml: tags: [web], then "@web" names them'
        : `Known: ${known.map((one) => `@${one}`).join(", ")}`,
  });
}

interface Collection {
  readonly found: Set<string>;
  readonly seen: Set<string>;
}

function collect(group: string, config: LoadedConfig, into: Collection): void {
  if (into.seen.has(group)) return;
  into.seen.add(group);
  for (const member of config.groups.get(group) ?? []) {
    if (member.startsWith("@")) collect(member.slice(1), config, into);
    else into.found.add(member);
  }
  for (const [alias, { values }] of config.targets) {
    if ((values.tags ?? config.defaults.values.tags)?.includes(group) === true) into.found.add(alias);
  }
}

function knownGroups(config: LoadedConfig): readonly string[] {
  const tags = [...config.targets.values()].flatMap(({ values }) => values.tags ?? []);
  return [...new Set([...config.groups.keys(), ...tags])].toSorted();
}

/** Names with each `@group` replaced by its targets, each once, in their order. Throws `target_unknown` for a group that is none. */
export function expandGroups(names: readonly string[], config: LoadedConfig): readonly string[] {
  return [...new Set(names.flatMap((name) => (name.startsWith("@") ? membersOf(name.slice(1), config) : [name])))];
}
