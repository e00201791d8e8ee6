import { writeFileSync } from "node:fs";
import { join } from "node:path";

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
  const lines = facts.hostKeys.map((key) => `[127.0.0.1]:${facts.port} ${key.split(" ").slice(0, 2).join(" ")}`);
  writeFileSync(knownHostsFile, `${lines.join("\n")}\n`, { mode: 0o600 });
  const config = [
    `Host ${facts.alias}`,
    "  HostName 127.0.0.1",
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
