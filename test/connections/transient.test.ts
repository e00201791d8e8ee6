import { connect as dialTo, type Socket } from "node:net";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isTransient } from "../../src/sessions/connections/retry-transient.ts";
import { createSsh2Engine, type ConnectPlan } from "../../src/ssh/index.ts";
import { Cleanup } from "../helpers/cleanup.ts";
import { listenHere } from "../helpers/listen-here.ts";
import { freePort, makeKeyPair, makeTempDir, startOpenSsh, type TestServer } from "../helpers/servers/index.ts";
import { packet, packetReader } from "../ssh/packet-log.ts";
import { planFor } from "../ssh/plan.ts";

// The rows of the table in docs/connecting.md.
const cleanup = new Cleanup();
const engine = createSsh2Engine();
let server: TestServer;
let legacy: TestServer;

beforeAll(async () => {
  server = await startOpenSsh();
  cleanup.add(() => server.stop());
  legacy = await startOpenSsh({
    hostKeyTypes: ["rsa"],
    config: [
      "KexAlgorithms diffie-hellman-group14-sha1",
      "HostKeyAlgorithms ssh-rsa",
      "PubkeyAcceptedAlgorithms ssh-rsa",
      "Ciphers aes128-cbc",
      "MACs hmac-sha1",
    ],
  });
  cleanup.add(() => legacy.stop());
});
afterAll(() => cleanup.run());

const portOf = (serve: (socket: Socket) => void): Promise<number> => listenHere(cleanup, serve);

/** Passes on so many bytes of the server, then hangs up. */
function cutAfter(bytes: number): (socket: Socket) => void {
  return (socket) => {
    const far = dialTo(server.port, "127.0.0.1");
    far.on("error", () => undefined);
    socket.pipe(far);
    let left = bytes;
    far.on("data", (piece: Buffer) => {
      socket.write(piece.subarray(0, left));
      left -= piece.length;
      if (left > 0) return;
      socket.destroy();
      far.destroy();
    });
  };
}

/** Passes on all that the server says in clear, then hangs up: the client has its keys and logs in. */
function cutAtLogin(socket: Socket): void {
  const far = dialTo(server.port, "127.0.0.1");
  far.on("error", () => undefined);
  cleanup.add(() => void far.destroy());
  socket.on("data", (piece: Buffer) => far.write(piece));
  let over = false;
  const reader = packetReader((type) => {
    over = type === packet.newKeys;
  });
  far.on("data", (piece: Buffer) => {
    if (socket.writableEnded) return;
    reader.read(piece);
    if (over) socket.end(piece.subarray(0, piece.length - reader.unreadBytes));
    else socket.write(piece);
  });
}

async function failure(changes: Partial<ConnectPlan>, of: TestServer = server): Promise<unknown> {
  const error: unknown = await engine.connect(planFor(of, changes)).then(
    (connection) => connection.close(),
    (thrown: unknown) => thrown,
  );
  return error;
}

const alias = (): Partial<ConnectPlan> => ({ hostKeyAlias: `[127.0.0.1]:${server.port}` });

describe("a failure that may pass", () => {
  it.each<[string, string, () => Promise<Partial<ConnectPlan>>]>([
    ["nothing listens", "dial_failed", async () => ({ port: await freePort() })],
    // Nobody can be spoken to at the address of everybody.
    ["no route", "dial_failed", async () => ({ host: "255.255.255.255" })],
    ["hung up before the greeting", "dial_failed", async () => ({ port: await portOf((socket) => socket.end()) })],
    ["reset at once", "dial_failed", async () => ({ port: await portOf((socket) => void socket.resetAndDestroy()) })],
    ["too many logins under way", "dial_failed", async () => ({ ...alias(), port: await crowded() })],
    [
      "lost during the key exchange",
      "connection_lost",
      async () => ({ ...alias(), port: await portOf(cutAfter(400)) }),
    ],
    ["lost during the login", "connection_lost", async () => ({ ...alias(), port: await portOf(cutAtLogin) })],
  ])("%s", async (name, code, changes) => {
    const error = await failure(await changes());
    expect(error).toMatchObject({
      code,
      message: name.startsWith("lost") ? expect.stringContaining(`was ${name}`) : expect.anything(),
    });
    expect(isTransient(error)).toBe(true);
  });
});

describe("a failure that does not pass", () => {
  it.each<[string, string, () => Promise<Partial<ConnectPlan>>]>([
    [
      "another kind of server",
      "dial_failed",
      async () => ({ port: await portOf((socket) => socket.end("HTTP/1.1 400\r\n\r\n")) }),
    ],
    [
      "a server that refuses this address for a while",
      "dial_failed",
      async () => ({ port: await portOf((socket) => socket.end("Not allowed at this time\r\n")) }),
    ],
    ["silence", "timed_out", async () => ({ port: await portOf(() => undefined), connectTimeoutMs: 300 })],
    ["a failing ProxyCommand", "dial_failed", async () => ({ proxyCommand: "false" })],
    ["a ProxyCommand that does not exist", "dial_failed", async () => ({ proxyCommand: "/no/such/program" })],
    // Too long for a name server: nobody is asked.
    ["a host name that cannot exist", "dial_failed", async () => ({ host: `${"x".repeat(64)}.invalid` })],
    ["a refused login", "auth_failed", async () => ({ identityFiles: [] })],
    ["an unknown host key", "host_key_unknown", async () => ({ knownHostsFiles: [] })],
    [
      "a key that cannot be read",
      "key_unreadable",
      async () => ({ identityFiles: [{ path: "/no/such/key", explicit: true }] }),
    ],
  ])("%s", async (_name, code, changes) => {
    const error = await failure(await changes());
    expect(error).toMatchObject({ code });
    expect(isTransient(error)).toBe(false);
  });

  it("a changed host key", async () => {
    const file = join(server.directory, "changed");
    const [, ...key] = (await startAnother()).split(" ");
    writeFileSync(file, `[127.0.0.1]:${server.port} ${key.join(" ")}\n`);
    const error = await failure({ knownHostsFiles: [file] });
    expect(error).toMatchObject({ code: "host_key_changed" });
    expect(isTransient(error)).toBe(false);
  });

  it("a revoked host key", async () => {
    const file = join(server.directory, "revoked");
    const [, ...key] = server.hostKeyLine.split(" ");
    writeFileSync(file, `@revoked * ${key.join(" ")}\n`);
    const error = await failure({ knownHostsFiles: [file] });
    expect(error).toMatchObject({ code: "host_key_revoked" });
    expect(isTransient(error)).toBe(false);
  });

  it("no algorithm in common: the error of an old server names `legacy`, which lets it in", async () => {
    const error = await failure({}, legacy);
    expect(error).toMatchObject({
      code: "unsupported",
      message: expect.stringMatching(/in common: the server offers diffie-hellman-group14-sha1/),
      hint: expect.stringContaining("legacy: true"),
    });
    expect(isTransient(error)).toBe(false);
    const files = makeTempDir();
    cleanup.add(() => files.remove());
    const key = makeKeyPair(join(files.path, "old"), { type: "rsa" });
    writeFileSync(join(legacy.directory, "authorized_keys"), `${key.publicLine}\n`, { flag: "a" });
    const identityFiles = [{ path: key.file, explicit: true }];
    expect(await failure({ legacy: true, identityFiles }, legacy)).toBeUndefined();
    // What ssh_config names does the same, one list at a time.
    const algorithms = {
      kexalgorithms: "+diffie-hellman-group14-sha1",
      ciphers: "aes128-cbc",
      macs: "+hmac-sha1,umac-64@openssh.com",
      hostkeyalgorithms: "^ssh-rsa",
      pubkeyacceptedalgorithms: "+ssh-rsa",
    };
    expect(await failure({ algorithms, identityFiles }, legacy)).toBeUndefined();
    for (const [without, code] of [
      ["kexalgorithms", "unsupported"],
      ["ciphers", "unsupported"],
      ["macs", "unsupported"],
      ["hostkeyalgorithms", "unsupported"],
      ["pubkeyacceptedalgorithms", "auth_failed"],
    ] as const) {
      const { [without]: _, ...rest } = algorithms;
      expect(await failure({ algorithms: rest, identityFiles }, legacy)).toMatchObject({ code });
    }
  });
});

/** The port of a server at which as many are about to log in as may at once. */
async function crowded(): Promise<number> {
  const full = await startOpenSsh({ config: ["MaxStartups 2"] });
  const early = [1, 2].map(() => dialTo(full.port, "127.0.0.1"));
  cleanup.add(() => {
    for (const socket of early) socket.destroy();
    return full.stop();
  });
  await Promise.all(early.map((socket) => once(socket, "data")));
  return full.port;
}

/** The host key line of another server. */
async function startAnother(): Promise<string> {
  const other = await startOpenSsh();
  cleanup.add(() => other.stop());
  return other.hostKeyLine;
}
