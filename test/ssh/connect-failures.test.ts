import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { monotonicMs } from "../../src/base/index.ts";
import { createSsh2Engine, type ConnectPlan } from "../../src/ssh/index.ts";
import { freePort, startOpenSsh, startTcpProxy, waitUntil, type TestServer } from "../helpers/servers/index.ts";
import { planFor } from "./plan.ts";

const engine = createSsh2Engine();

describe("connections that fail", () => {
  let real: TestServer;
  const open: Server[] = [];
  const sockets = new Set<Socket>();

  beforeAll(async () => {
    real = await startOpenSsh();
  });
  afterEach(() => {
    for (const socket of sockets) socket.destroy();
    for (const server of open.splice(0)) server.close();
  });
  afterAll(() => real.stop());

  const listen = (answer: (socket: Socket) => void): Promise<number> =>
    new Promise((resolve) => {
      const server = createServer((socket) => {
        sockets.add(socket);
        socket.on("error", () => undefined);
        answer(socket);
      });
      open.push(server);
      server.listen(0, "127.0.0.1", () => {
        const address: AddressInfo | string | null = server.address();
        resolve(address === null || typeof address === "string" ? 0 : address.port);
      });
    });
  const connect = (changes: Partial<ConnectPlan>, signal?: AbortSignal): Promise<unknown> =>
    engine.connect(planFor(real, changes), signal);

  it("a port where nothing listens", async () => {
    const port = await freePort();
    await expect(connect({ port })).rejects.toMatchObject({
      code: "dial_failed",
      message: expect.stringContaining("refused the connection"),
      hint: expect.stringContaining("port"),
    });
  });

  it("a host that does not exist", async () => {
    const failed = connect({ alias: "nowhere", host: "no-such-host.invalid" });
    await expect(failed).rejects.toMatchObject({
      code: "dial_failed",
      message: expect.stringMatching(
        /^nowhere \(no-such-host\.invalid:\d+\) (is not a known host name|could not be looked up)/,
      ),
    });
  });

  it("a server of another kind", async () => {
    const port = await listen((socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"));
    await expect(connect({ port })).rejects.toMatchObject({
      code: "dial_failed",
      message: expect.stringContaining("not as an SSH server: HTTP/1.1 400"),
    });
  });

  it("a server that sends rubbish without end", async () => {
    const port = await listen((socket) => socket.write("x".repeat(100_000)));
    await expect(connect({ port })).rejects.toMatchObject({ code: "dial_failed" });
  });

  it("a connection that is closed before a word", async () => {
    const port = await listen((socket) => socket.end());
    await expect(connect({ port })).rejects.toMatchObject({
      code: "dial_failed",
      hint: expect.stringContaining("MaxStartups"),
    });
    const resetting = await listen((socket) => socket.resetAndDestroy());
    await expect(connect({ port: resetting })).rejects.toMatchObject({ code: "dial_failed" });
  });

  it("a connection that is closed during the key exchange", async () => {
    const port = await listen((socket) => {
      socket.write("SSH-2.0-Test_1\r\n");
      socket.once("data", () => socket.end());
    });
    await expect(connect({ port })).rejects.toMatchObject({
      code: "connection_lost",
      message: expect.stringContaining("during the key exchange"),
    });
  });

  it("a server that says nothing, within the time allowed", async () => {
    const port = await listen(() => undefined);
    const started = monotonicMs();
    await expect(connect({ port, connectTimeoutMs: 300 })).rejects.toMatchObject({
      code: "timed_out",
      message: expect.stringContaining("greeting within 0.3 s"),
    });
    expect(monotonicMs() - started).toBeGreaterThanOrEqual(290);
  });

  it("a server that stops in the middle of the login", async () => {
    const proxy = await startTcpProxy(real.port);
    const connecting = connect({ port: proxy.port, hostKeyAlias: `[127.0.0.1]:${real.port}`, connectTimeoutMs: 1500 });
    await waitUntil("the first bytes", () => proxy.forwardedBytes > 0);
    proxy.blackhole();
    await expect(connecting).rejects.toMatchObject({ code: "timed_out" });
    await proxy.stop();
  });

  it("no algorithm in common", async () => {
    const old = await startOpenSsh({ config: ["KexAlgorithms diffie-hellman-group1-sha1"] });
    await expect(engine.connect(planFor(old))).rejects.toMatchObject({
      code: "unsupported",
      message: expect.stringMatching(/OpenSSH.*in common/),
    });
    await old.stop();
  });

  it("a cancelled connection, at once and later", async () => {
    await expect(connect({}, AbortSignal.abort())).rejects.toMatchObject({ code: "cancelled" });
    const port = await listen(() => undefined);
    const abort = new AbortController();
    const connecting = connect({ port }, abort.signal);
    await waitUntil("the connection", () => sockets.size > 0);
    abort.abort();
    await expect(connecting).rejects.toMatchObject({ code: "cancelled" });
  });

  it("a known_hosts file that cannot be read is no empty one", async () => {
    await expect(connect({ knownHostsFiles: [real.directory] })).rejects.toMatchObject({
      code: "config_invalid",
      message: expect.stringContaining(real.directory),
    });
  });
});

describe("a connection that goes silent", () => {
  it("is noticed within three periods, and not while anything comes", async () => {
    const server = await startOpenSsh();
    const proxy = await startTcpProxy(server.port);
    const plan = planFor(server, { port: proxy.port, hostKeyAlias: `[127.0.0.1]:${server.port}`, keepaliveMs: 200 });
    const connection = await engine.connect(plan);
    const reasons: string[] = [];
    connection.onClosed((reason) => reasons.push(reason));
    const ends: unknown[] = [];
    await connection.exec("sleep 60", {
      onStdout: () => undefined,
      onStderr: () => undefined,
      onEnd: (end) => ends.push(end),
    });
    // Silent for many periods, but alive: the answers to keepalive requests count.
    const until = monotonicMs() + 1500;
    await waitUntil("time to pass", () => monotonicMs() > until);
    expect(connection.closed).toBe(false);
    proxy.blackhole();
    await waitUntil("the loss", () => reasons.length > 0);
    expect(reasons).toEqual([expect.stringContaining("nothing came from the server")]);
    expect(connection.closed).toBe(true);
    await waitUntil("the end of the command", () => ends.length > 0);
    expect(ends).toEqual([{ kind: "lost" }]);
    await connection.close();
    await proxy.stop();
    await server.stop();
  });
});
