import { userInfo } from "node:os";
import { resolve } from "node:path";
import { HoldfastError, oneLine } from "../base/index.ts";
import { checkJump } from "./argument-layer.ts";
import { defaultIdentities, defaultKnownHosts } from "./default-layer.ts";
import { variable, type Environment } from "./environment.ts";
import { sourced, type SettingsLayer, type Sourced } from "./settings-layer.ts";
import { algorithmKeywords, type SshSettings } from "./ssh-settings.ts";
import { expandSshPath, type TokenValues } from "./ssh-tokens.ts";
import { parsePort } from "./target-text.ts";
import type { TargetSettings } from "./target.ts";

const origin = "ssh_config";

/** More of a command is not shown in an error. */
const shownCommand = 200;

/** The first value of a keyword; undefined also for one that ssh reports as `none`. */
function first(settings: SshSettings, keyword: string): string | undefined {
  const value = settings.get(keyword)?.[0];
  return value?.toLowerCase() === "none" ? undefined : value;
}

/** `ssh -G` reports defaults like settings: a value that is ssh's own default counts as not said. */
function said(settings: SshSettings, keyword: string, usual: string): string | undefined {
  const value = first(settings, keyword)?.toLowerCase();
  return value === usual ? undefined : value;
}

/** What ssh_config says about where and as whom to connect. `name` is what it was asked for. */
export function sshAddress(settings: SshSettings, name: string): Pick<SettingsLayer, "host" | "port" | "user"> {
  const host = first(settings, "hostname") ?? name;
  const port = parsePort(first(settings, "port") ?? "22") ?? 22;
  const user = first(settings, "user");
  return {
    host: sourced(host.toLowerCase() === name.toLowerCase() ? undefined : host, origin),
    port: sourced(port === 22 ? undefined : port, origin),
    user: sourced(user === userInfo().username ? undefined : user, origin),
  };
}

interface SshFacts {
  readonly settings: SshSettings;
  readonly tokens: TokenValues;
  readonly env: Environment;
}

function identityFiles({ settings, tokens, env }: SshFacts): SettingsLayer["identityFiles"] {
  const named = settings.get("identityfile") ?? defaultIdentities;
  if (named.every((path) => defaultIdentities.includes(path))) return undefined;
  const value = named
    .filter((path) => path.toLowerCase() !== "none")
    .map((path) => ({ path: resolve(expandSshPath(path, tokens, env)), explicit: false }));
  return { value, origin };
}

function certificateFiles({ settings, tokens, env }: SshFacts): SettingsLayer["certificateFiles"] {
  const named = settings.get("certificatefile")?.filter((path) => path.toLowerCase() !== "none");
  return sourced(
    named?.map((path) => resolve(expandSshPath(path, tokens, env))),
    origin,
  );
}

function knownHostsFiles({ settings, tokens, env }: SshFacts): SettingsLayer["knownHostsFiles"] {
  const user = settings.get("userknownhostsfile")?.[0] ?? defaultKnownHosts.user.join(" ");
  const global = settings.get("globalknownhostsfile")?.[0] ?? defaultKnownHosts.global.join(" ");
  const words = `${user} ${global}`.split(/\s+/).filter((word) => word !== "" && word.toLowerCase() !== "none");
  const usual = [...defaultKnownHosts.user, ...defaultKnownHosts.global];
  const expanded = (path: string): string => resolve(expandSshPath(path, tokens, env));
  const value = words.map(expanded);
  return { value, origin: value.join(" ") === usual.map(expanded).join(" ") ? "default" : origin };
}

function revokedHostKeys({ settings, tokens, env }: SshFacts): SettingsLayer["revokedHostKeys"] {
  const path = first(settings, "revokedhostkeys");
  return sourced(path && resolve(expandSshPath(path, tokens, env)), origin);
}

function agentSocket({ settings, tokens, env }: SshFacts): SettingsLayer["agentSocket"] {
  const configured = settings.get("identityagent")?.[0];
  if (configured === undefined || configured === "SSH_AUTH_SOCK") return undefined;
  if (configured === "none") return { value: undefined, origin };
  const named = /^\$(\w+)$/.exec(configured)?.[1];
  if (named !== undefined) return { value: variable(env, named), origin: named };
  return { value: expandSshPath(configured, tokens, env), origin };
}

/** `no` means "connect to anything" to ssh; here a changed key is refused whatever the setting. */
function hostKeys(settings: SshSettings): SettingsLayer["hostKeys"] {
  const value = said(settings, "stricthostkeychecking", "ask");
  if (value === undefined) return undefined;
  if (["yes", "true", "on"].includes(value)) return { value: "strict", origin };
  return { value: "accept-new", origin };
}

function isYes(value: string): boolean {
  return ["yes", "true", "on", "1"].includes(value.toLowerCase());
}

function flag(settings: SshSettings, keyword: string, usual: boolean): Sourced<boolean> | undefined {
  const value = first(settings, keyword);
  return value === undefined || isYes(value) === usual ? undefined : { value: !usual, origin };
}

function milliseconds(settings: SshSettings, keyword: string): Sourced<number> | undefined {
  const seconds = Number(first(settings, keyword));
  return Number.isFinite(seconds) && seconds > 0 ? { value: seconds * 1_000, origin } : undefined;
}

function addressFamily(settings: SshSettings): Sourced<TargetSettings["addressFamily"]> | undefined {
  const value = said(settings, "addressfamily", "any");
  return value === "inet" || value === "inet6" ? { value, origin } : undefined;
}

function algorithms(settings: SshSettings): SettingsLayer["algorithms"] {
  const lists = algorithmKeywords.flatMap((keyword) => {
    const list = settings.get(keyword)?.[0];
    return list === undefined ? [] : [[keyword, list] as const];
  });
  return lists.length === 0 ? undefined : { value: Object.fromEntries(lists), origin };
}

/** The way there: a chain or a command; ssh reports only the one that it would take. */
function way({ settings }: SshFacts): Pick<SettingsLayer, "jump" | "proxyCommand"> {
  const chain = first(settings, "proxyjump");
  if (chain !== undefined) return { jump: { value: chainOf(chain), origin }, proxyCommand: undefined };
  const command = first(settings, "proxycommand");
  if (command !== undefined && isYes(first(settings, "proxyusefdpass") ?? "no")) {
    throw new HoldfastError(
      "unsupported",
      `the ProxyCommand ${oneLine(command, shownCommand)} hands over a socket (ProxyUseFdpass), which cannot be taken here`,
      {
        hint: "Set ProxyUseFdpass to no, and name a command that carries the bytes itself, such as nc -U <socket>",
      },
    );
  }
  return { proxyCommand: sourced(command, origin) };
}

function chainOf(text: string): readonly string[] {
  try {
    return checkJump(text.split(",").map((host) => host.trim()));
  } catch (error) {
    throw new HoldfastError("config_invalid", `the ProxyJump ${text} of ssh_config is no chain of hosts`, {
      hint: "Write [user@]host[:port], several with commas between",
      cause: error,
    });
  }
}

/** What only the system's ssh knows, by the keyword of `ssh -G`: its name, and the value that it has by itself. */
const systemOptions = [
  ["gssapiauthentication", "GSSAPIAuthentication", "no"],
  ["gssapidelegatecredentials", "GSSAPIDelegateCredentials", "no"],
  ["pkcs11provider", "PKCS11Provider", "none"],
  ["securitykeyprovider", "SecurityKeyProvider", "internal"],
] as const;

function sshOptions(settings: SshSettings): SettingsLayer["sshOptions"] {
  const found = systemOptions.flatMap(([keyword, name, usual]) => {
    const value = first(settings, keyword);
    return value === undefined || value.toLowerCase() === usual ? [] : [[name, value] as const];
  });
  return found.length === 0 ? undefined : { value: Object.fromEntries(found), origin };
}

/** All that ssh_config says about a target whose address is known. Throws `config_invalid` or `bad_input`. */
export function sshLayer(facts: SshFacts): SettingsLayer {
  const { settings } = facts;
  return {
    hostKeyAlias: sourced(first(settings, "hostkeyalias"), origin),
    knownHostsFiles: knownHostsFiles(facts),
    revokedHostKeys: revokedHostKeys(facts),
    hostKeys: hostKeys(settings),
    identityFiles: identityFiles(facts),
    certificateFiles: certificateFiles(facts),
    identitiesOnly: flag(settings, "identitiesonly", false),
    agentSocket: agentSocket(facts),
    preferredAuthentications: sourced(first(settings, "preferredauthentications")?.split(","), origin),
    publicKeyLogin: flag(settings, "pubkeyauthentication", true),
    passwordLogin: flag(settings, "passwordauthentication", true),
    keyboardLogin: flag(settings, "kbdinteractiveauthentication", true),
    ...way(facts),
    addressFamily: addressFamily(settings),
    bindAddress: sourced(first(settings, "bindaddress"), origin),
    compression: flag(settings, "compression", false),
    sshOptions: sshOptions(settings),
    algorithms: algorithms(settings),
    connectTimeoutMs: milliseconds(settings, "connecttimeout"),
    keepaliveMs: milliseconds(settings, "serveraliveinterval"),
  };
}
