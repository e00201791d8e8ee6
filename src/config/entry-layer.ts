import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { HoldfastError, messageOf } from "../base/index.ts";
import { checkJump, checkUser, homePath, namedKeys } from "./argument-layer.ts";
import type { EntryValues } from "./config-schema.ts";
import type { ConfigEntry } from "./loaded-config.ts";
import { sourced, type SettingsLayer, type Sourced } from "./settings-layer.ts";
import { parseTargetText } from "./target-text.ts";

/** Notes are for an agent's context; a longer text is cut. */
const longestNotes = 16_384;

/** What an entry of the settings file says. `file` is where its paths begin. Rejects with `config_invalid`. */
export async function entryLayer(entry: ConfigEntry, file: string): Promise<SettingsLayer> {
  try {
    return {
      ...wayLayer(entry),
      ...loginLayer(entry, dirname(file)),
      ...displayLayer(entry, dirname(file)),
      ...secretLayer(entry),
      ...lifeLayer(entry),
      notes: await notesOf(entry, dirname(file)),
    };
  } catch (thrown) {
    throw new HoldfastError("config_invalid", `${file}: ${messageOf(thrown)}`, { hint: "Mend it", cause: thrown });
  }
}

type From = <Key extends keyof EntryValues, T>(
  key: Key,
  convert: (value: NonNullable<EntryValues[Key]>) => T,
) => Sourced<T> | undefined;

function reader(entry: ConfigEntry): From {
  return (key, convert) => {
    const value = entry.values[key];
    return value === undefined || value === null ? undefined : { value: convert(value), origin: entry.origin(key) };
  };
}

const same = <T>(value: T): T => value;
const inMs = (seconds: number): number => seconds * 1_000;
const listOf = (value: string | readonly string[]): readonly string[] => (typeof value === "string" ? [value] : value);
const unlessNone = (value: string): string | undefined => (value.toLowerCase() === "none" ? undefined : value);

/** `a,b`, a list, or `none`. */
function chainOf(value: string | readonly string[]): readonly string[] {
  const hosts = listOf(value).flatMap((part) => part.split(",").map((host) => host.trim()));
  return hosts.length === 1 && hosts[0]?.toLowerCase() === "none" ? [] : checkJump(hosts);
}

/** A name or address; user and port have keys of their own. */
function hostAlone(text: string): string {
  const { host, user, port } = parseTargetText(text);
  if (user === undefined && port === undefined) return host;
  throw new HoldfastError("config_invalid", "host takes a name or address alone; user and port are keys of their own");
}

function wayLayer(entry: ConfigEntry): SettingsLayer {
  const from = reader(entry);
  const jump = from("jump", chainOf);
  const command = from("proxy_command", unlessNone);
  if (jump !== undefined && command !== undefined) {
    throw new HoldfastError("config_invalid", "jump and proxy_command exclude each other");
  }
  return {
    host: from("host", hostAlone),
    port: from("port", same),
    user: from("user", checkUser),
    // Each replaces whatever the other one is in ssh_config.
    jump: jump ?? (command && { value: [], origin: command.origin }),
    proxyCommand: command ?? (jump && { value: undefined, origin: jump.origin }),
    addressFamily: from("address_family", same),
    bindAddress: from("bind_address", same),
    compression: from("compression", same),
    legacy: from("legacy", same),
    engine: from("engine", same),
    hostKeys: from("host_keys", same),
    hostKeyAlias: from("host_key_alias", same),
  };
}

function loginLayer(entry: ConfigEntry, base: string): SettingsLayer {
  const from = reader(entry);
  const paths = (value: string | readonly string[]): readonly string[] =>
    listOf(value).map((path) => homePath(path, base));
  const keys = from("key_path", paths);
  const named = keys === undefined ? {} : namedKeys(keys.value, keys.origin);
  return {
    ...named,
    identitiesOnly: from("identities_only", same) ?? named.identitiesOnly,
    certificateFiles: from("certificate", paths),
    sudoKey: from("sudo_key", (path) => (unlessNone(path) === undefined ? undefined : homePath(path, base))),
    knownHostsFiles: from("known_hosts", paths),
    agentSocket: from("agent", (path) => (unlessNone(path) === undefined ? undefined : homePath(path, base))),
    preferredAuthentications: from("preferred_authentications", same),
  };
}

function displayLayer(entry: ConfigEntry, base: string): SettingsLayer {
  const from = reader(entry);
  return {
    x11: from("x11", same),
    x11Display: from("x11_display", same),
    x11Authority: from("x11_authority", (path) => homePath(path, base)),
  };
}

function secretLayer(entry: ConfigEntry): SettingsLayer {
  const from = reader(entry);
  return {
    password: from("password", same),
    passwordCommand: from("password_command", same),
    passphrase: from("passphrase", same),
    passphraseCommand: from("passphrase_command", same),
    sudoPassword: from("sudo_password", same),
    sudoPasswordCommand: from("sudo_password_command", same),
    enablePassword: from("enable_password", same),
    enablePasswordCommand: from("enable_password_command", same),
  };
}

function lifeLayer(entry: ConfigEntry): SettingsLayer {
  const from = reader(entry);
  return {
    persistent: from("persistent", same),
    connectTimeoutMs: from("connect_timeout_s", inMs),
    commandTimeoutMs: from("command_timeout_s", inMs),
    inactivityMs: from("inactivity_timeout_s", inMs),
    keepaliveMs: from("keepalive_s", inMs),
    retries: from("retries", same),
    retryDelayMs: from("retry_delay_ms", same),
    description: from("description", same),
    directory: from("directory", same),
    env: from("env", (env) => Object.fromEntries(Object.entries(env).map(([key, value]) => [key, String(value)]))),
    tags: from("tags", same),
    readOnly: from("read_only", same),
    sudoAskpass: from("sudo_askpass", same),
    askers: from("askers", same),
  };
}

async function notesOf(entry: ConfigEntry, base: string): Promise<SettingsLayer["notes"]> {
  const key = entry.values.notes_file === undefined ? "info_file" : "notes_file";
  const path = entry.values[key];
  if (path === undefined) return sourced(entry.values.notes, entry.origin("notes"));
  const value = (await firstReadable([homePath(path, base), homePath(path, join(base, "info"))])) ?? unreadable(path);
  return { value: value.slice(0, longestNotes), origin: entry.origin(key) };
}

/** The connection must not fail for want of its notes. */
function unreadable(path: string): string {
  return `(the notes file ${path} cannot be read)`;
}

async function firstReadable(paths: readonly string[]): Promise<string | undefined> {
  for (const path of paths) {
    const text = await readFile(path, "utf8").catch(() => undefined);
    if (text !== undefined) return text;
  }
  return undefined;
}
