import { HoldfastError } from "../base/index.ts";
import { checkUser, homePath, namedKeys } from "./argument-layer.ts";
import type { Environment } from "./environment.ts";
import { sourced, type SettingsLayer } from "./settings-layer.ts";
import { parsePort, parseTargetText } from "./target-text.ts";

const endings = ["HOST", "PORT", "USER", "PASS", "KEY", "SUDO_PASS", "ENABLE_PASS"] as const;

type Ending = (typeof endings)[number];

/** An alias as it appears in the name of a variable. */
function inVariable(alias: string): string {
  return alias.toUpperCase().replaceAll(/[^A-Z0-9]/g, "_");
}

interface Found {
  readonly name: string;
  readonly value: string;
}

function variablesOf(alias: string, env: Environment): ReadonlyMap<Ending, Found> {
  const wanted = new Map(endings.map((ending) => [`OVRD_${inVariable(alias)}_${ending}`, ending]));
  const found = new Map<Ending, Found>();
  for (const [name, value] of Object.entries(env)) {
    const ending = wanted.get(name.toUpperCase());
    if (ending !== undefined && value !== undefined && value !== "") found.set(ending, { name, value });
  }
  return found;
}

function invalid({ name }: Found, wanted: string): HoldfastError {
  return new HoldfastError("config_invalid", `${name} is no ${wanted}`, { hint: `Set it to a ${wanted}, or unset it` });
}

function hostOf(found: Found | undefined): string | undefined {
  if (found === undefined) return undefined;
  const { host, user, port } = parseTargetText(found.value);
  if (user !== undefined || port !== undefined) throw invalid(found, "host name or address alone");
  return host;
}

function portOf(found: Found | undefined): number | undefined {
  const port = found === undefined ? undefined : parsePort(found.value);
  if (found !== undefined && port === undefined) throw invalid(found, "port from 1 to 65535");
  return port;
}

/** What OVRD_<alias>_* says about a target; names count in any case. Throws `config_invalid` for a value that cannot be meant. */
export function overrideVariables(alias: string, env: Environment): SettingsLayer {
  const found = variablesOf(alias, env);
  const from = (ending: Ending): string => found.get(ending)?.name ?? "";
  const text = (ending: Ending): string | undefined => found.get(ending)?.value;
  const key = text("KEY");
  const user = text("USER");
  return {
    host: sourced(hostOf(found.get("HOST")), from("HOST")),
    port: sourced(portOf(found.get("PORT")), from("PORT")),
    user: sourced(user === undefined ? undefined : checkUser(user), from("USER")),
    password: sourced(text("PASS"), from("PASS")),
    ...(key === undefined ? {} : namedKeys([homePath(key)], from("KEY"))),
    sudoPassword: sourced(text("SUDO_PASS"), from("SUDO_PASS")),
    enablePassword: sourced(text("ENABLE_PASS"), from("ENABLE_PASS")),
  };
}

/** Aliases that the environment names a host for, in lower case: their spelling is not known. */
export function aliasesOfVariables(env: Environment): readonly string[] {
  const names = Object.keys(env).flatMap((name) => /^OVRD_(.+)_HOST$/i.exec(name)?.[1]?.toLowerCase() ?? []);
  return [...new Set(names)].toSorted();
}
