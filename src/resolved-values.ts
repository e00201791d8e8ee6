import { shortestSecret } from "./approvals/index.ts";
import type { ResolvedValue } from "./cli/index.ts";
import type { Target } from "./config/index.ts";
import { unspokenAlgorithms } from "./ssh/index.ts";

/** The settings of a target as people read them, each with its source; secrets only as `set`. Settings nobody made are left out where they change nothing. */
export function resolvedValues(target: Target): readonly ResolvedValue[] {
  return [...always(target), ...whereSet(target)];
}

function always(target: Target): readonly ResolvedValue[] {
  const { origins } = target;
  const row = (name: string, value: string, setting: string): ResolvedValue => ({
    name,
    value,
    source: origins[setting] ?? "default",
  });
  return [
    row("host", target.host, "host"),
    row("port", String(target.port), "port"),
    row("user", target.user, "user"),
    row("key files", listText(target.identityFiles.map((file) => file.path)), "identityFiles"),
    row("agent", target.agentSocket ?? "none", "agentSocket"),
    row("host keys", hostKeyTexts[target.hostKeys], "hostKeys"),
    row("connect limit", `${target.connectTimeoutMs / 1_000} s`, "connectTimeoutMs"),
    row("retries", `${target.retries}, the first after ${target.retryDelayMs} ms`, "retries"),
  ];
}

const hostKeyTexts = {
  ask: "known ones; a person is asked about unknown ones",
  "accept-new": "known ones; unknown ones are remembered",
  strict: "known ones only",
} as const;

/** Settings that are shown only when somebody made them. */
function whereSet(target: Target): readonly ResolvedValue[] {
  const shown: readonly (readonly [string, keyof Target, string])[] = [
    ["host key alias", "hostKeyAlias", target.hostKeyAlias ?? ""],
    ["known hosts", "knownHostsFiles", listText(target.knownHostsFiles)],
    ["revoked keys", "revokedHostKeys", target.revokedHostKeys ?? ""],
    ["certificates", "certificateFiles", listText(target.certificateFiles)],
    ["only these keys", "identitiesOnly", yesNo(target.identitiesOnly)],
    ["login methods", "preferredAuthentications", listText(target.preferredAuthentications ?? [])],
    ["password", "password", secretText(target.password)],
    ["password command", "passwordCommand", setText(target.passwordCommand)],
    ["passphrase", "passphrase", secretText(target.passphrase)],
    ["passphrase cmd", "passphraseCommand", setText(target.passphraseCommand)],
    ["sudo password", "sudoPassword", secretText(target.sudoPassword)],
    ["sudo command", "sudoPasswordCommand", setText(target.sudoPasswordCommand)],
    ["enable password", "enablePassword", secretText(target.enablePassword)],
    ["enable command", "enablePasswordCommand", setText(target.enablePasswordCommand)],
    ["jump hosts", "jump", listText(target.jump)],
    ["proxy command", "proxyCommand", target.proxyCommand ?? "none"],
    ["address family", "addressFamily", target.addressFamily],
    ["bind address", "bindAddress", target.bindAddress ?? ""],
    ["compression", "compression", yesNo(target.compression)],
    ["legacy", "legacy", yesNo(target.legacy)],
    ["algorithms", "algorithms", algorithmsText(target.algorithms)],
    ["engine", "engine", target.engine],
    ["X11", "x11", target.x11],
    ["X11 display", "x11Display", target.x11Display ?? ""],
    ["X11 cookies", "x11Authority", target.x11Authority ?? ""],
    ["persistent", "persistent", yesNo(target.persistent)],
    ["keepalive", "keepaliveMs", `${target.keepaliveMs / 1_000} s`],
    ["command limit", "commandTimeoutMs", `${(target.commandTimeoutMs ?? 0) / 1_000} s`],
    ["idle limit", "inactivityMs", `${target.inactivityMs / 1_000} s`],
    ["directory", "directory", textOf(target.directory)],
    ["environment", "env", listText(Object.keys(target.env))],
    ["description", "description", textOf(target.description)],
    ["notes", "notes", `${(target.notes ?? "").length} characters`],
    ["programs that ask", "askers", listText(target.askers)],
    ["sudo askpass", "sudoAskpass", yesNo(target.sudoAskpass)],
    ["sudo key", "sudoKey", textOf(target.sudoKey)],
    ["tags", "tags", listText(target.tags)],
  ];
  return shown.flatMap(([name, setting, value]) => {
    const source = target.origins[setting] ?? "default";
    return source === "default" ? [] : [{ name, value, source }];
  });
}

function textOf(value: string | undefined): string {
  return value ?? "";
}

function listText(values: readonly string[]): string {
  return values.length === 0 ? "none" : values.join(", ");
}

/** The lists that count, and of each what is left out because it is not spoken here. */
function algorithmsText(lists: Target["algorithms"]): string {
  const unspoken = unspokenAlgorithms(lists);
  return Object.keys(lists)
    .map(
      (keyword) => `${keyword}${unspoken[keyword] === undefined ? "" : ` (ignored: ${unspoken[keyword].join(", ")})`}`,
    )
    .join("; ");
}

function yesNo(value: boolean): string {
  return value ? "yes" : "no";
}

function setText(value: unknown): string {
  return value === undefined ? "none" : "set";
}

function secretText(value: string | undefined): string {
  const isShort = value !== undefined && value.length < shortestSecret;
  return `${setText(value)}${isShort ? `, but with fewer than ${shortestSecret} characters: too short to be kept out of output` : ""}`;
}
