import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { freePort, makeKeyPair } from "../helpers/servers/index.ts";
import { sign, type Place, type ReachServers } from "./reach-servers.ts";

/** The files of a person who uses these hosts. */
export interface ClientSide {
  readonly sshConfigFile: string;
  readonly settingsFile: string;
  /** Whatever `hide_addresses` must hide of them. */
  readonly realNames: readonly string[];
}

/** Aliases that lead to a server of another name. */
const aliasOf: Readonly<Record<string, string>> = {
  chained: "plain",
  "behind-fenced": "plain",
  commanded: "plain",
  changed: "plain",
  revoked: "plain",
  stranger: "plain",
  refused: "plain",
  locked: "plain",
  expired: "user-ca",
  "impatient-key": "impatient",
  agent: "plain",
};

/** Those that are reached with the second engine, too, as `ssh-<alias>`. */
const bySsh = [
  "password",
  "code",
  "user-ca",
  "host-ca",
  "two-steps",
  "agent",
  "chained",
  "dropbear",
  "changed",
  "wrong-ca",
  "refused",
] as const;

interface Files {
  readonly directory: string;
  readonly knownHosts: string;
}

/** Writes ssh_config, known_hosts, keys and certificates, and a settings file; with `hide` one that hides addresses. */
export async function writeClientSide(servers: ReachServers, hide: boolean): Promise<ClientSide> {
  const { directory } = servers;
  const files = { directory, knownHosts: join(directory, "known_hosts") };
  makeCertificates(servers);
  makeKeyPair(join(directory, "unknown-key"));
  servers.user.authorize(makeKeyPair(join(directory, "locked-key"), { passphrase: "nobody knows" }).publicLine);
  writeKnownHosts(servers, files);
  const sshConfigFile = join(directory, "ssh_config");
  writeFileSync(sshConfigFile, sshConfig(servers, files, await freePort()), { mode: 0o600 });
  const settingsFile = join(directory, "config.yaml");
  writeFileSync(settingsFile, settings(servers, hide), { mode: 0o600 });
  const addresses = [...servers.places.values()].map(({ address }) => address);
  return { sshConfigFile, settingsFile, realNames: [...addresses, "::1", servers.user.name, "no-such-host.invalid"] };
}

function makeCertificates({ directory, user }: ReachServers): void {
  for (const [name, validity] of [
    ["certified-key", "-1h:+1h"],
    ["expired-key", "-2h:-1h"],
  ] as const) {
    const key = join(directory, name);
    makeKeyPair(key);
    sign(join(directory, "user-ca"), ["-I", "person", "-n", user.name, "-V", validity], key);
  }
}

function publicKey(file: string): string {
  return readFileSync(file, "utf8").split(" ").slice(0, 2).join(" ").trim();
}

function writeKnownHosts({ places, directory }: ReachServers, { knownHosts }: Files): void {
  const signedOnes = new Set(["host-ca", "wrong-ca"]);
  const lines = [...places].flatMap(([name, { address, port, hostKey }]) => {
    const where = `[${address}]:${port}`;
    if (signedOnes.has(name)) return [`@cert-authority ${where} ${publicKey(join(directory, "host-ca.pub"))}`];
    return hostKey === "" ? [] : [`${where} ${hostKey}`];
  });
  const plain = places.get("plain");
  const other = places.get("outer");
  if (plain === undefined || other === undefined) throw new Error("a server is missing");
  lines.push(`[::1]:${plain.port} ${plain.hostKey}`, `changed ${other.hostKey}`, `@revoked revoked ${plain.hostKey}`);
  writeFileSync(knownHosts, `${lines.join("\n")}\n`, { mode: 0o600 });
}

/** What an alias has beside its host and port. */
function linesOf(
  { directory, agentSocket, agentKeyFile }: ReachServers,
  { address, port }: Place,
): Readonly<Record<string, readonly string[]>> {
  const own = (name: string): string => `IdentityFile ${join(directory, name)}`;
  return {
    "user-ca": [own("certified-key"), `CertificateFile ${join(directory, "certified-key-cert.pub")}`],
    expired: [own("expired-key"), `CertificateFile ${join(directory, "expired-key-cert.pub")}`],
    chained: ["ProxyJump outer,inner"],
    "behind-fenced": ["ProxyJump fenced"],
    commanded: [`ProxyCommand ssh -F ${join(directory, "ssh_config")} -W ${address}:${port} outer`],
    changed: ["HostKeyAlias changed"],
    revoked: ["HostKeyAlias revoked"],
    stranger: ["HostKeyAlias stranger"],
    refused: [own("unknown-key"), "PreferredAuthentications publickey"],
    locked: [own("locked-key"), "PreferredAuthentications publickey"],
    agent: [`IdentityFile ${agentKeyFile}`, `IdentityAgent ${agentSocket}`],
    silent: ["ConnectTimeout 2"],
    full: ["ConnectTimeout 4"],
    code: ["PreferredAuthentications keyboard-interactive"],
    impatient: ["PreferredAuthentications keyboard-interactive"],
    "impatient-key": ["PreferredAuthentications publickey"],
  };
}

function sshConfig(servers: ReachServers, { knownHosts }: Files, closedPort: number): string {
  const host = (alias: string, place: Place, as = alias): string => {
    const own = linesOf(servers, place)[as] ?? [];
    const key = own.some((line) => line.startsWith("IdentityFile ")) ? [] : [`IdentityFile ${servers.keyFile}`];
    const lines = [`HostName ${place.address}`, `Port ${place.port}`, ...key, ...own];
    return [`Host ${alias}`, ...lines.map((line) => `  ${line}`), ""].join("\n");
  };
  const place = (name: string): Place => {
    const found = servers.places.get(name);
    if (found === undefined) throw new Error(`no server ${name}`);
    return found;
  };
  const blocks = [
    ...[...servers.places].map(([name, at]) => host(name, at)),
    ...Object.entries(aliasOf).map(([alias, name]) => host(alias, place(name))),
    host("v6", { ...place("plain"), address: "::1" }),
    host("closed", { ...place("plain"), port: closedPort }),
    host("nowhere", { ...place("plain"), address: "no-such-host.invalid" }),
    ...bySsh.map((name) => host(`ssh-${name}`, place(aliasOf[name] ?? name), name)),
    ...crowd.map((alias) => host(alias, place("crowded"))),
  ];
  return [
    ...blocks,
    "Host *",
    `  User ${servers.user.name}`,
    "  IdentitiesOnly yes",
    `  UserKnownHostsFile ${knownHosts}`,
    "  GlobalKnownHostsFile none",
    "  StrictHostKeyChecking yes",
    "",
  ].join("\n");
}

/** Aliases of the server with MaxStartups 2 that share no connection: as many as shake hands at once. */
const crowd = ["crowded-1", "crowded-2", "crowded-3", "crowded-4"] as const;

/** Targets whose password is known. */
const knowingPassword = ["password", "two-steps", "code", "impatient"] as const;

function settings({ places, user, keyFile }: ReachServers, hide: boolean): string {
  const old = places.get("old");
  const password = JSON.stringify(user.password);
  return [
    `hide_addresses: ${hide}`,
    "targets:",
    ...knowingPassword.map((name) => `  ${name}: {password: ${password}}`),
    ...bySsh.map((name) => {
      const more = knowingPassword.some((one) => one === name) ? `, password: ${password}` : "";
      return `  ssh-${name}: {engine: openssh${more}}`;
    }),
    `  old-allowed: {host: ${old?.address ?? ""}, port: ${old?.port ?? 0}, key_path: ${keyFile}, legacy: true}`,
    "  dropping: {retries: 1, retry_delay_ms: 300}",
    // Another passphrase is another login: no connection is shared.
    ...crowd.map((alias) => `  ${alias}: {passphrase: of no key ${alias}, tags: [crowd], retries: 4}`),
    "",
  ].join("\n");
}
