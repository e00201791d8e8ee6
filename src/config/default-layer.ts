import { homedir, userInfo } from "node:os";
import { join } from "node:path";
import { askerNames } from "./config-schema.ts";
import { variable, type Environment } from "./environment.ts";
import type { Sourced, SettingsTable } from "./settings-layer.ts";

/** Enough for a server that looks names up, short enough for someone who waits. */
const connectTimeoutMs = 20_000;

/** A dead link shows within three of these. */
const keepaliveMs = 15_000;

/** Three tries in all, a second before the second one. */
const retries = 2;
const retryDelayMs = 1_000;

/** Connections cost the host a process each. */
const inactivityMs = 300_000;

/** Where the agent of Windows' own OpenSSH listens. */
const windowsAgentPipe = String.raw`\\.\pipe\openssh-ssh-agent`;

/** Key files that ssh tries when none is named (ssh_config(5), IdentityFile). */
export const defaultIdentities = [
  "id_rsa",
  "id_ecdsa",
  "id_ecdsa_sk",
  "id_ed25519",
  "id_ed25519_sk",
  "id_xmss",
  "id_dsa",
].map((name) => `~/.ssh/${name}`);

/** known_hosts files that ssh reads when none is named. */
export const defaultKnownHosts = {
  user: ["~/.ssh/known_hosts", "~/.ssh/known_hosts2"],
  global: ["/etc/ssh/ssh_known_hosts", "/etc/ssh/ssh_known_hosts2"],
} as const;

function builtIn<T>(value: T): Sourced<T> {
  return { value, origin: "default" };
}

const inHome = (path: string): string => join(homedir(), path.slice(2));

/** What holds where nobody says anything. `host` is the name as it was written. */
export function defaultLayer(host: string, env: Environment): SettingsTable {
  const named = variable(env, "SSH_AUTH_SOCK");
  const agent = named ?? (process.platform === "win32" ? windowsAgentPipe : undefined);
  return {
    host: { value: host, origin: "target text" },
    port: builtIn(22),
    user: builtIn(userInfo().username),
    hostKeyAlias: builtIn(undefined),
    knownHostsFiles: builtIn([...defaultKnownHosts.user.map(inHome), ...defaultKnownHosts.global]),
    revokedHostKeys: builtIn(undefined),
    hostKeys: builtIn("ask"),
    identityFiles: builtIn(defaultIdentities.map((path) => ({ path: inHome(path), explicit: false }))),
    certificateFiles: builtIn([]),
    identitiesOnly: builtIn(false),
    agentSocket: { value: agent, origin: named === undefined ? "default" : "SSH_AUTH_SOCK" },
    preferredAuthentications: builtIn(undefined),
    publicKeyLogin: builtIn(true),
    passwordLogin: builtIn(true),
    keyboardLogin: builtIn(true),
    password: builtIn(undefined),
    passwordCommand: builtIn(undefined),
    passphrase: builtIn(undefined),
    passphraseCommand: builtIn(undefined),
    sudoPassword: builtIn(undefined),
    sudoPasswordCommand: builtIn(undefined),
    enablePassword: builtIn(undefined),
    enablePasswordCommand: builtIn(undefined),
    jump: builtIn([]),
    proxyCommand: builtIn(undefined),
    addressFamily: builtIn("any"),
    bindAddress: builtIn(undefined),
    compression: builtIn(false),
    legacy: builtIn(false),
    algorithms: builtIn({}),
    engine: builtIn("auto"),
    x11: builtIn("off"),
    x11Display: builtIn(variable(env, "DISPLAY")),
    x11Authority: builtIn(variable(env, "XAUTHORITY") ?? inHome("~/.Xauthority")),
    sshOptions: builtIn({}),
    persistent: builtIn(false),
    connectTimeoutMs: builtIn(connectTimeoutMs),
    keepaliveMs: builtIn(keepaliveMs),
    retries: builtIn(retries),
    retryDelayMs: builtIn(retryDelayMs),
    commandTimeoutMs: builtIn(undefined),
    inactivityMs: builtIn(inactivityMs),
    description: builtIn(undefined),
    notes: builtIn(undefined),
    directory: builtIn(undefined),
    env: builtIn({}),
    tags: builtIn([]),
    readOnly: builtIn(false),
    sudoAskpass: builtIn(true),
    sudoKey: builtIn(undefined),
    askers: builtIn(askerNames),
  };
}
