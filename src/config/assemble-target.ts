import { argumentLayer } from "./argument-layer.ts";
import { defaultLayer } from "./default-layer.ts";
import { entryLayer } from "./entry-layer.ts";
import type { Environment } from "./environment.ts";
import type { LoadedConfig } from "./loaded-config.ts";
import { overrideVariables } from "./override-variables.ts";
import { ownKnownHostsFile } from "./paths.ts";
import { serverVariables } from "./server-variables.ts";
import { mergeLayers, targetOf, type SettingsLayer, type SettingsTable } from "./settings-layer.ts";
import { listConfiguredHosts } from "./ssh-config-reader.ts";
import { sshAddress, sshLayer } from "./ssh-layer.ts";
import { sshSettings, type SshSettings } from "./ssh-settings.ts";
import { expandProxyCommand, type TokenValues } from "./ssh-tokens.ts";
import { parseTargetText, type TargetText } from "./target-text.ts";
import type { Target, TargetOverrides } from "./target.ts";

/** What a target is resolved with. */
interface ResolveParts {
  readonly overrides: TargetOverrides;
  readonly config: LoadedConfig;
  readonly env: Environment;
}

/**
 * Resolves `user@host:port` or an alias to a frozen target. The first that says something counts: the call and the text of
 * the target, OVRD_<alias>_*, the target's entry in the settings file, SSH_*, the file's defaults, ssh_config, our defaults.
 * Rejects with `bad_input` or `config_invalid`.
 */
export async function assembleTarget(text: string, { overrides, config, env }: ResolveParts): Promise<Target> {
  const parsed = parseTargetText(text);
  const { file = "." } = config;
  const entry = config.targets.get(parsed.host);
  const upper: readonly SettingsLayer[] = [
    argumentLayer(overrides, parsed),
    overrideVariables(parsed.host, env),
    ...(entry === undefined ? [] : [await entryLayer(entry, file)]),
    serverVariables(env),
    await entryLayer(config.defaults, file),
  ];
  const base = defaultLayer(parsed.host, env);
  const above = mergeLayers(upper, base);
  const { name, settings } = await askSsh(parsed, upper, env);
  const address = mergeLayers([...upper, sshAddress(settings, name)], above);
  const tokens = {
    original: name,
    host: address.host.value,
    port: address.port.value,
    user: address.user.value,
    hostKeyAlias: settings.get("hostkeyalias")?.[0],
  };
  const table = mergeLayers([...upper, sshLayer({ settings, tokens, env })], address);
  return targetOf(withProxyCommand(table, tokens), { alias: text, ownKnownHostsFile: ownKnownHostsFile(env) });
}

/** Tokens are expanded whoever named the command. */
function withProxyCommand(table: SettingsTable, tokens: TokenValues): SettingsTable {
  const { value, origin } = table.proxyCommand;
  if (value === undefined) return table;
  return { ...table, proxyCommand: { value: expandProxyCommand(value, tokens), origin } };
}

/** What ssh_config says, knowing what has been decided above it. */
async function askSsh(
  parsed: TargetText,
  upper: readonly SettingsLayer[],
  env: Environment,
): Promise<{ readonly name: string; readonly settings: SshSettings }> {
  const decided = <Name extends "host" | "port" | "user">(name: Name): SettingsLayer[Name] =>
    upper.find((layer) => layer[name] !== undefined)?.[name];
  const host = decided("host")?.value;
  const name = await nameForSsh(parsed.host, host, env);
  const settings = await sshSettings(
    {
      name,
      hostName: name === parsed.host ? host : undefined,
      user: decided("user")?.value,
      port: decided("port")?.value,
    },
    env,
  );
  return { name, settings };
}

/** ssh_config is asked about the alias; about our settings' host when that, and not the alias, has a Host line of its own. */
async function nameForSsh(alias: string, host: string | undefined, env: Environment): Promise<string> {
  if (host === undefined || host === alias) return alias;
  const named = new Set((await listConfiguredHosts(env)).map((one) => one.alias));
  return named.has(host) && !named.has(alias) ? host : alias;
}
