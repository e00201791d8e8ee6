import { homedir, userInfo } from "node:os";
import { join, resolve } from "node:path";
import { HoldfastError } from "../base/index.ts";
import { variable, type Environment } from "./environment.ts";
import { ownKnownHostsFile } from "./paths.ts";
import { sshSettings, type SshSettings } from "./ssh-settings.ts";
import { expandSshPath, type TokenValues } from "./ssh-tokens.ts";
import { parsePort, parseTargetText, type TargetText } from "./target-text.ts";
import type { Origin, Target, TargetOverrides } from "./target.ts";

/** Enough for a server that looks names up, short enough for someone who waits. */
const defaultConnectTimeoutMs = 20_000;

/** A dead link shows within three of these. */
const defaultKeepaliveMs = 15_000;

/** Key files that ssh tries when none is named (ssh_config(5), IdentityFile). */
const defaultIdentities = ["id_rsa", "id_ecdsa", "id_ecdsa_sk", "id_ed25519", "id_ed25519_sk", "id_xmss", "id_dsa"].map(
  (name) => `~/.ssh/${name}`,
);

const defaultUserKnownHosts = "~/.ssh/known_hosts ~/.ssh/known_hosts2";
const defaultGlobalKnownHosts = "/etc/ssh/ssh_known_hosts /etc/ssh/ssh_known_hosts2";

interface Sourced<T> {
  readonly value: T;
  readonly origin: Origin;
}

interface Sources {
  readonly parsed: TargetText;
  readonly overrides: TargetOverrides;
  readonly settings: SshSettings;
  readonly env: Environment;
}

function first(settings: SshSettings, keyword: string): string | undefined {
  return settings.get(keyword)?.[0];
}

function refuseProxies(alias: string, settings: SshSettings): void {
  for (const keyword of ["proxyjump", "proxycommand"]) {
    const value = first(settings, keyword);
    if (value === undefined || value.toLowerCase() === "none") continue;
    const name = keyword === "proxyjump" ? "ProxyJump" : "ProxyCommand";
    throw new HoldfastError(
      "unsupported",
      `${alias} is reached through ${name} in ssh_config, which this version cannot do yet`,
      {
        hint: "Connect to a host that is reached directly, or forward a port with ssh -L and name that",
      },
    );
  }
}

function resolvePort({ parsed, overrides, settings }: Sources): Sourced<number> {
  if (overrides.port !== undefined) return { value: overrides.port, origin: "call" };
  if (parsed.port !== undefined) return { value: parsed.port, origin: "target" };
  const configured = parsePort(first(settings, "port") ?? "22") ?? 22;
  return { value: configured, origin: configured === 22 ? "default" : "ssh_config" };
}

function resolveUser({ parsed, overrides, settings }: Sources): Sourced<string> {
  if (overrides.user !== undefined) return { value: overrides.user, origin: "call" };
  if (parsed.user !== undefined) return { value: parsed.user, origin: "target" };
  const local = userInfo().username;
  const configured = first(settings, "user") ?? local;
  return { value: configured, origin: configured === local ? "default" : "ssh_config" };
}

function resolveHost({ parsed, settings }: Sources): Sourced<string> {
  const host = (first(settings, "hostname") ?? parsed.host).replaceAll("%h", parsed.host).replaceAll("%%", "%");
  return { value: host, origin: host.toLowerCase() === parsed.host.toLowerCase() ? "target" : "ssh_config" };
}

function resolveIdentities(
  { overrides, settings, env }: Sources,
  tokens: TokenValues,
): Sourced<Target["identityFiles"]> {
  const configured = settings.get("identityfile") ?? defaultIdentities;
  const isDefault = configured.every((path) => defaultIdentities.includes(path));
  const files = configured
    .filter((path) => path !== "none")
    .map((path) => ({ path: resolve(expandSshPath(path, tokens, env)), explicit: false }));
  if (overrides.keyFile === undefined) return { value: files, origin: isDefault ? "default" : "ssh_config" };
  const named = overrides.keyFile.startsWith("~/")
    ? join(homedir(), overrides.keyFile.slice(2))
    : resolve(overrides.keyFile);
  return { value: [{ path: named, explicit: true }], origin: "call" };
}

function resolveAgent({ settings, env }: Sources, tokens: TokenValues): Sourced<string | undefined> {
  const configured = first(settings, "identityagent");
  if (configured === "none") return { value: undefined, origin: "ssh_config" };
  if (configured === undefined || configured === "SSH_AUTH_SOCK") {
    return { value: variable(env, "SSH_AUTH_SOCK"), origin: "environment" };
  }
  const named = /^\$(\w+)$/.exec(configured)?.[1];
  if (named !== undefined) return { value: variable(env, named), origin: "environment" };
  return { value: expandSshPath(configured, tokens, env), origin: "ssh_config" };
}

function resolveSeconds(settings: SshSettings, keyword: string, fallbackMs: number): Sourced<number> {
  const seconds = Number(first(settings, keyword));
  return Number.isFinite(seconds) && seconds > 0
    ? { value: seconds * 1000, origin: "ssh_config" }
    : { value: fallbackMs, origin: "default" };
}

function resolveTimeout({ overrides, settings }: Sources): Sourced<number> {
  if (overrides.connectTimeoutMs !== undefined) return { value: overrides.connectTimeoutMs, origin: "call" };
  return resolveSeconds(settings, "connecttimeout", defaultConnectTimeoutMs);
}

/** A key that the caller names is the one to use, not one among those of the agent. */
function resolveIdentitiesOnly({ overrides, settings }: Sources): boolean {
  if (overrides.keyFile !== undefined) return true;
  return ["yes", "true"].includes((first(settings, "identitiesonly") ?? "no").toLowerCase());
}

function resolveKnownHosts({ settings, env }: Sources, tokens: TokenValues): readonly string[] {
  const user = first(settings, "userknownhostsfile") ?? defaultUserKnownHosts;
  const global = first(settings, "globalknownhostsfile") ?? defaultGlobalKnownHosts;
  const words = `${user} ${global}`.split(/\s+/).filter((word) => word !== "" && word !== "none");
  return words.map((path) => resolve(expandSshPath(path, tokens, env)));
}

/** `no` means "connect to anything" to ssh; here a changed key is refused whatever the setting. */
function resolveUnknownKey(settings: SshSettings): Target["unknownHostKey"] {
  const value = (first(settings, "stricthostkeychecking") ?? "ask").toLowerCase();
  return ["accept-new", "no", "off", "false"].includes(value) ? "accept-new" : "refuse";
}

function checkUser(user: string): void {
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  if (user === "" || user.startsWith("-") || /[\u0000-\u001F\u007F]/.test(user)) {
    throw new HoldfastError("bad_input", "the user name is empty, begins with a dash or has control characters in it", {
      hint: "Name a user of the host",
    });
  }
}

/** Before anything of it gets onto a command line. */
function checkOverrides({ user, port }: TargetOverrides): void {
  if (user !== undefined) checkUser(user);
  if (port !== undefined && parsePort(String(port)) === undefined) {
    throw new HoldfastError("bad_input", `${port} is no port`, { hint: "A port is a whole number from 1 to 65535" });
  }
}

/** Reads what the rest depends on, then everything else, and freezes it. */
function assemble(text: string, sources: Sources): Target {
  const { overrides, settings, env } = sources;
  const host = resolveHost(sources);
  const port = resolvePort(sources);
  const user = resolveUser(sources);
  checkUser(user.value);
  const hostKeyAlias = first(settings, "hostkeyalias");
  const original = sources.parsed.host;
  const tokens: TokenValues = { original, host: host.value, port: port.value, user: user.value, hostKeyAlias };
  const identities = resolveIdentities(sources, tokens);
  const agent = resolveAgent(sources, tokens);
  const timeout = resolveTimeout(sources);
  const keepalive = resolveSeconds(settings, "serveraliveinterval", defaultKeepaliveMs);
  return Object.freeze({
    alias: text,
    hostKeyAlias,
    host: host.value,
    port: port.value,
    user: user.value,
    knownHostsFiles: Object.freeze(resolveKnownHosts(sources, tokens)),
    ownKnownHostsFile: ownKnownHostsFile(env),
    unknownHostKey: resolveUnknownKey(settings),
    identityFiles: Object.freeze(identities.value),
    identitiesOnly: resolveIdentitiesOnly(sources),
    agentSocket: agent.value,
    password: overrides.password,
    passphrase: overrides.passphrase,
    connectTimeoutMs: timeout.value,
    keepaliveMs: keepalive.value,
    origins: Object.freeze({
      host: host.origin,
      port: port.origin,
      user: user.origin,
      identityFiles: identities.origin,
      agentSocket: agent.origin,
      connectTimeoutMs: timeout.origin,
      keepaliveMs: keepalive.origin,
    }),
  });
}

/**
 * Resolves `user@host:port` or an alias of ssh_config, with what the caller says on top, to a frozen target.
 * Rejects with `bad_input`, `config_invalid`, or `unsupported` (ProxyJump, ProxyCommand).
 */
export async function resolveTarget(
  text: string,
  overrides: TargetOverrides = {},
  env: Environment = process.env,
): Promise<Target> {
  const parsed = parseTargetText(text);
  checkOverrides(overrides);
  const asked = { ...parsed, user: overrides.user ?? parsed.user, port: overrides.port ?? parsed.port };
  const settings = await sshSettings(asked, env);
  refuseProxies(text, settings);
  return assemble(text, { parsed, overrides, settings, env });
}
