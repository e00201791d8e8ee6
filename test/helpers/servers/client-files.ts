import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { veilAudit } from "../veil-audit.ts";

interface ClientFacts {
  readonly directory: string;
  readonly alias: string;
  readonly user: string;
  readonly port: number;
  readonly keyFile: string;
  /** `<type> <base64>` of each host key. */
  readonly hostKeys: readonly string[];
}

/** Writes known_hosts and an ssh_config for one server; returns their paths and the first known_hosts line. */
export function writeClientFiles(facts: ClientFacts): {
  readonly knownHostsFile: string;
  readonly sshConfigFile: string;
  readonly hostKeyLine: string;
} {
  const knownHostsFile = join(facts.directory, "known_hosts");
  const sshConfigFile = join(facts.directory, "ssh_config");
  const address = veilAudit?.address ?? "127.0.0.1";
  const names = [...new Set(["127.0.0.1", address])].map((name) => `[${name}]:${facts.port}`);
  const lines = facts.hostKeys.map((key) => `${names.join(",")} ${key.split(" ").slice(0, 2).join(" ")}`);
  writeFileSync(knownHostsFile, `${lines.join("\n")}\n`, { mode: 0o600 });
  const config = [
    `Host ${facts.alias}`,
    `  HostName ${address}`,
    `  Port ${facts.port}`,
    `  User ${facts.user}`,
    `  UserKnownHostsFile ${knownHostsFile}`,
    "  GlobalKnownHostsFile none",
    `  IdentityFile ${facts.keyFile}`,
    "  IdentitiesOnly yes",
    "  StrictHostKeyChecking yes",
    "",
  ];
  writeFileSync(sshConfigFile, config.join("\n"), { mode: 0o600 });
  return { knownHostsFile, sshConfigFile, hostKeyLine: lines[0] ?? "" };
}
