import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import type { LoginUser } from "./login-user.ts";
import { onExit } from "./on-exit.ts";
import { childrenOf, signalQuietly } from "./processes.ts";
import type { TempDir } from "./temp-dir.ts";
import { waitUntil } from "./wait-until.ts";

/** A real SSH server on 127.0.0.1, and all that a client needs to reach it. */
export interface TestServer {
  readonly kind: "openssh" | "dropbear";
  readonly host: "127.0.0.1";
  readonly port: number;
  readonly user: string;
  /** The throwaway user, if one was made or given; its password is in it. */
  readonly loginUser: LoginUser | undefined;
  readonly directory: string;
  /** A private key that the server accepts for `user`. */
  readonly keyFile: string;
  /** The line of known_hosts for the server's first host key. */
  readonly hostKeyLine: string;
  readonly knownHostsFile: string;
  /** An ssh_config with one `Host` of the name `alias`. */
  readonly sshConfigFile: string;
  readonly alias: string;
  /** What the server logged so far. */
  log(): string;
  /** Process ids of the per-connection server processes. */
  connections(): readonly number[];
  /** Kills the server's side of every connection; processes that users started live on. */
  killConnections(): void;
  /** Kills all, removes all. Safe to call twice. */
  stop(): Promise<void>;
}

export interface ServerOptions {
  /** Lines put before all others in sshd_config (the first of a keyword counts). OpenSSH only. */
  readonly config?: readonly string[];
  /** Who logs in: a user made with `createLoginUser`; default: the current user (OpenSSH) or a new one (dropbear). */
  readonly loginUser?: LoginUser;
  /** Name of the `Host` in the ssh_config; default `box`. */
  readonly alias?: string;
  /** The PAM service (a file in /etc/pam.d, its name beginning with `sshd`) that judges logins; needs `UsePAM yes`. OpenSSH only. */
  readonly pamService?: string;
  /** Shell lines that change what is mounted where, for this server and all that logs in to it alone. Root and OpenSSH only. */
  readonly mounts?: string;
  /** A further address of this machine to listen on, at the same port. */
  readonly alsoOn?: string;
  /** Without file transfer. OpenSSH only. */
  readonly sftp?: boolean;
  /** Types of the host keys, default ed25519 only. OpenSSH only. */
  readonly hostKeyTypes?: readonly ("ed25519" | "ecdsa" | "rsa")[];
}

export interface Launch {
  readonly directory: TempDir;
  readonly command: string;
  argsFor(port: number): readonly string[];
  /** What the log says when the server listens. */
  readonly listening: RegExp;
}

export interface Running {
  readonly port: number;
  log(): string;
  connections(): readonly number[];
  killConnections(): void;
  kill(): void;
  ended(): Promise<void>;
}

/** A port that was free a moment ago; whoever uses it must be ready to find it taken and ask again. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => {
        if (address === null || typeof address === "string") reject(new Error("no port"));
        else resolve(address.port);
      });
    });
  });
}

/** Server processes of a connection are the listener's children and their children of the same program (privilege separation). */
function serverTree(listener: number): readonly number[] {
  const isServer = (name: string): boolean => /^(sshd|dropbear)/.test(name);
  const first = childrenOf(listener).filter((child) => isServer(child.name));
  const second = first.flatMap((child) => childrenOf(child.pid).filter((grandchild) => isServer(grandchild.name)));
  return [...first, ...second].map((process_) => process_.pid);
}

function hasExited(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

function startOn(launch: Launch, port: number, logFile: string): ChildProcess {
  const log = openSync(logFile, "a", 0o600);
  // The server dies with this process even when that is killed and can clean up nothing.
  const child = spawn("setpriv", ["--pdeathsig", "KILL", launch.command, ...launch.argsFor(port)], {
    stdio: ["ignore", log, log],
  });
  child.on("error", () => undefined);
  closeSync(log);
  return child;
}

function describe(child: ChildProcess, port: number, logFile: string): Running {
  const pid = child.pid ?? 0;
  const killConnections = (): void => {
    for (const victim of serverTree(pid)) signalQuietly(victim, "SIGKILL");
  };
  const kill = onExit(() => {
    if (hasExited(child)) return;
    signalQuietly(pid, "SIGSTOP");
    killConnections();
    signalQuietly(pid, "SIGKILL");
  });
  return {
    port,
    log: () => readFileSync(logFile, "utf8"),
    connections: () => childrenOf(pid).map((process_) => process_.pid),
    killConnections,
    kill,
    ended: () => waitUntil("server process gone", () => hasExited(child)),
  };
}

/** Starts the server on a free port and resolves when it listens; tries other ports when one was snatched away. */
export async function launchServer(launch: Launch): Promise<Running> {
  const logFile = join(launch.directory.path, "server.log");
  for (let attempt = 0; ; attempt += 1) {
    writeFileSync(logFile, "", { mode: 0o600 });
    const port = await freePort();
    const child = startOn(launch, port, logFile);
    const running = describe(child, port, logFile);
    await waitUntil(
      `${launch.command} listening`,
      () => hasExited(child) || child.pid === undefined || launch.listening.test(running.log()),
    );
    if (!hasExited(child) && child.pid !== undefined) return running;
    const text = running.log();
    if (attempt >= 5 || !/in use/i.test(text)) throw new Error(`${launch.command} did not start: ${text}`);
  }
}
