import { execFileSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import type { Cleanup } from "../helpers/cleanup.ts";
import { listenHere } from "../helpers/listen-here.ts";
import {
  createLoginUser,
  makeKeyPair,
  makeTempDir,
  startDropbear,
  startOpenSsh,
  type LoginUser,
  type ServerOptions,
  type TestServer,
} from "../helpers/servers/index.ts";
import { makeCodeSecret, makePamService, type CodeSecret } from "../ssh/pam-service.ts";
import { startAgent } from "../ssh/ssh-agent.ts";

/** Each server has an address of its own on the loopback interface (Linux has all of 127/8), so that one can be told from another. */
const network = "127.7.0";

/** A server of the table, and where clients find it. */
export interface Place {
  readonly address: string;
  readonly port: number;
  /** `<type> <base64>` of its host key; empty for what is no SSH server. */
  readonly hostKey: string;
}

export interface ReachServers {
  readonly user: LoginUser;
  readonly directory: string;
  /** A key that every server takes that takes keys at all. */
  readonly keyFile: string;
  readonly codes: CodeSecret;
  /** An agent that holds a key of which only the public half is a file, `agentKeyFile`. */
  readonly agentSocket: string;
  readonly agentKeyFile: string;
  readonly places: ReadonlyMap<string, Place>;
  /** What a server has logged. */
  log(name: string): string;
}

/** With what a person is asked for the password (the known one answers) and for a code. */
const askingConfig = ["UsePAM yes", "KbdInteractiveAuthentication yes", "PasswordAuthentication no"];

const oldAlgorithms = [
  "KexAlgorithms diffie-hellman-group14-sha1",
  "HostKeyAlgorithms ssh-rsa",
  "Ciphers aes128-cbc",
  "MACs hmac-sha1",
];

interface Grounds {
  readonly user: LoginUser;
  readonly directory: string;
  readonly pamService: string;
}

/** Settings of every OpenSSH server by its name. */
function openSshServers({ user, directory, pamService }: Grounds): ReadonlyMap<string, ServerOptions> {
  const signed = (authority: string): readonly string[] => {
    const key = join(directory, `host-by-${authority}`);
    makeKeyPair(key);
    sign(join(directory, authority), ["-h", "-I", "host", "-V", "-1h:+1h"], key);
    return [`HostKey ${key}`, `HostCertificate ${key}-cert.pub`];
  };
  const lines: readonly (readonly [string, readonly string[]])[] = [
    ["plain", ["ListenAddress ::1"]],
    ["outer", []],
    ["inner", ["LogLevel DEBUG1"]],
    ["password", ["PubkeyAuthentication no", "LogLevel DEBUG1"]],
    ["user-ca", ["AuthorizedKeysFile none", `TrustedUserCAKeys ${join(directory, "user-ca.pub")}`]],
    ["host-ca", signed("host-ca")],
    ["wrong-ca", signed("other-ca")],
    ["two-steps", ["AuthenticationMethods publickey,password"]],
    ["one-session", ["MaxSessions 1"]],
    ["fenced", ["DisableForwarding yes"]],
    ["crowded", ["MaxStartups 2"]],
    ["full", ["MaxStartups 2", "LoginGraceTime 600"]],
    ["rekeying", ["RekeyLimit 256K"]],
    ["code", [...askingConfig, "PubkeyAuthentication no", "AuthenticationMethods keyboard-interactive"]],
    ["impatient", [...askingConfig, "LoginGraceTime 2", "AuthenticationMethods publickey keyboard-interactive"]],
  ];
  const asking = new Set(["code", "impatient"]);
  const usual = lines.map(
    ([name, config]) => [name, { loginUser: user, config, ...(asking.has(name) ? { pamService } : {}) }] as const,
  );
  return new Map<string, ServerOptions>([
    ...usual,
    ["old", { loginUser: user, hostKeyTypes: ["rsa"], config: oldAlgorithms }],
  ]);
}

/** Signs the public half of `key` with an authority's. */
export function sign(authority: string, options: readonly string[], key: string): void {
  execFileSync("ssh-keygen", ["-q", "-s", authority, ...options, `${key}.pub`]);
}

/** What is at a port that people take for an SSH server. */
const strangers: ReadonlyMap<string, (socket: Socket) => void> = new Map<string, (socket: Socket) => void>([
  ["silent", () => undefined],
  ["dropping", (socket) => socket.destroy()],
  ["web", (socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n")],
]);

async function startStranger(cleanup: Cleanup, address: string, serve: (socket: Socket) => void): Promise<Place> {
  return { address, port: await listenHere(cleanup, serve, address), hostKey: "" };
}

async function prepare(cleanup: Cleanup): Promise<Grounds & { readonly codes: CodeSecret }> {
  const user = await createLoginUser();
  cleanup.add(() => user.remove());
  const directory = makeTempDir();
  cleanup.add(() => directory.remove());
  for (const name of ["user-ca", "host-ca", "other-ca"]) makeKeyPair(join(directory.path, name));
  const codes = makeCodeSecret(directory.path);
  const service = makePamService(["required pam_unix.so", codes.pamLine]);
  cleanup.add(() => service.remove());
  return { user, directory: directory.path, codes, pamService: service.name };
}

/** Begins as many logins as the server allows at once, and goes no further. */
async function fill(cleanup: Cleanup, { address, port }: Place): Promise<void> {
  const sockets = [1, 2].map(() => connect(port, address));
  cleanup.add(() => {
    for (const socket of sockets) socket.destroy();
  });
  await Promise.all(sockets.map((socket) => once(socket, "data")));
}

async function prepareAgent(
  cleanup: Cleanup,
  { directory, user }: Grounds,
): Promise<{ agentSocket: string; agentKeyFile: string }> {
  const agent = await startAgent();
  cleanup.add(() => agent.stop());
  const key = makeKeyPair(join(directory, "agent-key"));
  user.authorize(key.publicLine);
  agent.add(key.file);
  rmSync(key.file);
  return { agentSocket: agent.socket, agentKeyFile: `${key.file}.pub` };
}

/** The key that a server shows first: the one of its certificate, where it has one. */
function hostKeyOf(server: TestServer, options: ServerOptions): string {
  const certified = options.config?.find((line) => line.startsWith("HostKey "))?.slice("HostKey ".length);
  const line =
    certified === undefined ? server.hostKeyLine.replace(/^\S+ /, "") : readFileSync(`${certified}.pub`, "utf8");
  return line.trim().split(" ").slice(0, 2).join(" ");
}

/** Starts all servers of the table; root only, because their user is made for them. */
export async function startReachServers(cleanup: Cleanup): Promise<ReachServers> {
  const grounds = await prepare(cleanup);
  const { user, directory, codes } = grounds;
  const places = new Map<string, Place>();
  const servers = new Map<string, TestServer>();
  const nextAddress = (): string => `${network}.${places.size + 2}`;
  const put = (name: string, server: TestServer, address: string, hostKey: string): void => {
    cleanup.add(() => server.stop());
    servers.set(name, server);
    places.set(name, { address, port: server.port, hostKey });
  };
  for (const [name, options] of openSshServers(grounds)) {
    const alsoOn = nextAddress();
    const server = await startOpenSsh({ ...options, alsoOn });
    put(name, server, alsoOn, hostKeyOf(server, options));
  }
  const alsoOn = nextAddress();
  const dropbear = await startDropbear({ loginUser: user, alsoOn });
  put("dropbear", dropbear, alsoOn, dropbear.hostKeyLine.replace(/^\S+ /, ""));
  for (const [name, serve] of strangers) places.set(name, await startStranger(cleanup, nextAddress(), serve));
  const full = places.get("full");
  if (full !== undefined) await fill(cleanup, full);
  const agent = await prepareAgent(cleanup, grounds);
  const log = (name: string): string => servers.get(name)?.log() ?? "";
  return { user, directory, codes, places, ...agent, keyFile: dropbear.keyFile, log };
}
