import { HoldfastError } from "../../base/index.ts";
import type { ConnectPlan } from "../engine.ts";
import type { HostKeyAlgorithms } from "../host-key.ts";
import { legacyCiphers, usualCiphers } from "../usual-ciphers.ts";
import type { PrivateDirectory } from "./private-directory.ts";

/** What old servers need and ssh does not offer by itself: SHA-1, ssh-rsa, CBC. */
const legacy = {
  kex: "+diffie-hellman-group14-sha1,diffie-hellman-group-exchange-sha1,diffie-hellman-group1-sha1",
  ciphers: legacyCiphers,
  macs: "+hmac-sha1-etm@openssh.com,hmac-sha1",
  keys: "+ssh-rsa",
} as const;

interface SettingsParts {
  readonly plan: ConnectPlan;
  readonly directory: PrivateDirectory;
  readonly algorithms: HostKeyAlgorithms;
  /** Key files that ssh reads itself. */
  readonly ownFiles: readonly string[];
  /** Somebody can be asked what the server wants to know. */
  readonly people: boolean;
}

/** One word of an ssh_config line. Throws `config_invalid` for what cannot stand there. */
function word(text: string): string {
  if (/[\0\r\n]/.test(text)) {
    throw new HoldfastError("config_invalid", "a setting for ssh has a line break in it", {
      hint: "Look at user, host and files of the target",
    });
  }
  return `"${text.replaceAll(/["\\]/g, String.raw`\$&`)}"`;
}

/** A path where ssh would replace tokens. */
function path(text: string): string {
  return word(text.replaceAll("%", "%%"));
}

function methodsOf({ preferredAuthentications, password }: ConnectPlan, people: boolean): readonly string[] {
  const usual = people
    ? ["gssapi-with-mic", "publickey", "keyboard-interactive", "password"]
    : ["gssapi-with-mic", "publickey", "password", "keyboard-interactive"];
  const answered = password !== undefined || people;
  return (preferredAuthentications ?? usual).filter((method) => answered || !/^(password|keyboard-)/.test(method));
}

/** Keys come from our own agent; without files named, ssh would take its usual ones, too. */
function identityLines({ directory, ownFiles }: SettingsParts): readonly string[] {
  const files = ownFiles.map((file) => `IdentityFile ${path(file)}`);
  return [
    ...(files.length === 0 ? ["IdentityFile none"] : files),
    "IdentitiesOnly no",
    `IdentityAgent ${path(directory.file("agent"))}`,
  ];
}

function algorithmLines(plan: ConnectPlan, algorithms: HostKeyAlgorithms): readonly string[] {
  const old = plan.legacy === true;
  const hostKeys = [...algorithms.certificates, ...algorithms.plain, ...(old ? ["ssh-rsa"] : [])];
  return [
    `HostKeyAlgorithms ${hostKeys.join(",")}`,
    `Ciphers ${[...usualCiphers, ...(old ? legacy.ciphers : [])].join(",")}`,
    ...(old ? [`KexAlgorithms ${legacy.kex}`, `MACs ${legacy.macs}`, `PubkeyAcceptedKeyTypes ${legacy.keys}`] : []),
    `Compression ${plan.compression === true ? "yes" : "no"}`,
  ];
}

/** Under which name the one key stands in ssh's known_hosts: that which a certificate must name. */
function hostKeyName({ host, hostKeyAlias }: ConnectPlan): string {
  return (hostKeyAlias ?? host).toLowerCase();
}

/**
 * The ssh_config for one connection: what the plan says and nothing of the user's. ssh gets the way there on its standard input and output,
 * and knows no host key but the one that was judged.
 */
export function sshSettings(parts: SettingsParts): string {
  const { plan, directory, algorithms, people } = parts;
  const told = { ...plan.sshOptions, ...plan.algorithms };
  const extra = Object.entries(told).map(([name, value]) => `${name} ${word(value)}`);
  const lines = [
    `HostName ${word(plan.host)}`,
    `Port ${plan.port}`,
    `User ${word(plan.user)}`,
    "ProxyCommand -",
    "ControlMaster yes",
    `ControlPath ${path(directory.file("control"))}`,
    "ControlPersist no",
    "StrictHostKeyChecking yes",
    `HostKeyAlias ${word(hostKeyName(plan))}`,
    `UserKnownHostsFile ${path(directory.file("known_hosts"))}`,
    "GlobalKnownHostsFile none",
    "CheckHostIP no",
    "UpdateHostKeys no",
    "VerifyHostKeyDNS no",
    ...identityLines(parts),
    `PreferredAuthentications ${methodsOf(plan, people).join(",")}`,
    "NumberOfPasswordPrompts 1",
    "AddKeysToAgent no",
    // First of each keyword counts: what the target says goes before.
    ...extra,
    ...algorithmLines(plan, algorithms),
    // Signs of life are asked for through the control connection.
    "ServerAliveInterval 0",
    "ForwardAgent no",
    "ForwardX11 no",
    "ClearAllForwardings yes",
    "ExitOnForwardFailure no",
    "PermitLocalCommand no",
    "RequestTTY no",
    "Tunnel no",
    "VisualHostKey no",
    "CanonicalizeHostname no",
    "StreamLocalBindUnlink no",
    // Says what was tried, for whoever reads the error.
    "LogLevel DEBUG1",
  ];
  return `Host *\n${lines.map((line) => `  ${line}\n`).join("")}`;
}
