import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { veilAudit } from "../veil-audit.ts";
import { writeClientFiles } from "./client-files.ts";
import { makeKeyPair } from "./key-pair.ts";
import { makeTempDir } from "./temp-dir.ts";
import { launchServer, type ServerOptions, type TestServer } from "./test-server.ts";

function findSshd(): string {
  const path = ["/usr/sbin/sshd", "/usr/local/sbin/sshd", "/sbin/sshd"].find((candidate) => existsSync(candidate));
  if (path === undefined) throw new Error("sshd is not installed (openssh-server)");
  return path;
}

/** Version of an sshd as one number: 9.8 is 908. */
function versionOf(sshd: string): number {
  const version = /OpenSSH_(\d+)\.(\d+)/.exec(spawnSync(sshd, ["-V"], { encoding: "utf8" }).stderr);
  return Number(version?.[1] ?? 0) * 100 + Number(version?.[2] ?? 0);
}

/** Only OpenSSH since 9.8 knows these: penalties, with which tests that fail to log in on purpose would lock each other out, and the name of a PAM service. */
function newerLines(version: number, pamService: string | undefined): readonly string[] {
  if (version < 908) return [];
  return ["PerSourcePenalties no", ...(pamService === undefined ? [] : [`PAMServiceName ${pamService}`])];
}

/** The program to start: an older sshd takes the PAM service's name from its own, and mounts of its own are made before it. */
function programFor(sshd: string, directory: string, { pamService: service, mounts }: ServerOptions): string {
  if (mounts !== undefined) {
    const script = join(directory, "sshd-with-mounts");
    const inside = `mount --make-rprivate / && ${mounts} && exec ${sshd} "$@"`;
    writeFileSync(script, `#!/bin/sh\nexec unshare -m /bin/sh -c '${inside}' sshd "$@"\n`, { mode: 0o700 });
    return script;
  }
  if (service === undefined || versionOf(sshd) >= 908) return sshd;
  const link = join(directory, service);
  symlinkSync(sshd, link);
  return link;
}

function sshdConfig(directory: string, options: ServerOptions, fixed: readonly string[]): string {
  const authorized = options.loginUser === undefined ? join(directory, "authorized_keys") : ".ssh/authorized_keys";
  const lines = [
    ...(options.config ?? []),
    ...fixed,
    "ListenAddress 127.0.0.1",
    ...[veilAudit?.address, options.alsoOn].flatMap((address) =>
      address === undefined ? [] : `ListenAddress ${address}`,
    ),
    `PidFile ${join(directory, "sshd.pid")}`,
    `AuthorizedKeysFile ${authorized}`,
    // The files lie below the temporary directory, which others may write to by its nature.
    "StrictModes no",
    "UsePAM no",
    "PermitRootLogin yes",
    "PasswordAuthentication yes",
    "KbdInteractiveAuthentication no",
    ...(options.sftp === false ? [] : ["Subsystem sftp internal-sftp"]),
    "UseDNS no",
    "PrintMotd no",
    "PrintLastLog no",
    // Tests share the machine: a busy moment must not drop a connection. Of this setting sshd takes the last line, not the first.
    ...(options.config?.some((line) => line.startsWith("MaxStartups ")) === true ? [] : ["MaxStartups 100"]),
    "LogLevel VERBOSE",
  ];
  return `${lines.join("\n")}\n`;
}

/** Starts OpenSSH's sshd with its own host keys and a client key that it accepts. */
export async function startOpenSsh(options: ServerOptions = {}): Promise<TestServer> {
  const sshd = findSshd();
  // sshd insists on its separation directory when root starts it, and only a package's service script makes it.
  if (process.getuid?.() === 0) mkdirSync("/run/sshd", { recursive: true, mode: 0o755 });
  const directory = makeTempDir();
  const hostKeys = (options.hostKeyTypes ?? ["ed25519"]).map((type) =>
    makeKeyPair(join(directory.path, `host_${type}`), { type }),
  );
  const client = makeKeyPair(join(directory.path, "client"));
  if (options.loginUser === undefined) {
    writeFileSync(join(directory.path, "authorized_keys"), `${client.publicLine}\n`, { mode: 0o600 });
  } else options.loginUser.authorize(client.publicLine);
  const configFile = join(directory.path, "sshd_config");
  const fixed = [...hostKeys.map((key) => `HostKey ${key.file}`), ...newerLines(versionOf(sshd), options.pamService)];
  writeFileSync(configFile, sshdConfig(directory.path, options, fixed), { mode: 0o600 });
  const running = await launchServer({
    directory,
    command: programFor(sshd, directory.path, options),
    argsFor: (port) => ["-D", "-e", "-f", configFile, "-p", String(port)],
    listening: /Server listening on/,
  });
  const user = options.loginUser?.name ?? veilAudit?.user ?? userInfo().username;
  const alias = options.alias ?? "box";
  const files = writeClientFiles({
    directory: directory.path,
    alias,
    user,
    port: running.port,
    keyFile: client.file,
    hostKeys: hostKeys.map((key) => key.publicLine),
  });
  return {
    kind: "openssh",
    host: "127.0.0.1",
    user,
    alias,
    ...files,
    port: running.port,
    loginUser: options.loginUser,
    directory: directory.path,
    keyFile: client.file,
    log: () => running.log(),
    connections: () => running.connections(),
    killConnections: () => {
      running.killConnections();
    },
    stop: async () => {
      running.kill();
      await running.ended();
      directory.remove();
    },
  };
}
