import { once } from "node:events";
import { connect as dialTo, type Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { delay } from "../../src/base/index.ts";
import { ConnectionBook } from "../../src/sessions/connections/connection-book.ts";
import { gateHandshakes } from "../../src/sessions/connections/handshake-gate.ts";
import { createSsh2Engine, type ConnectPlan, type SshEngine } from "../../src/ssh/index.ts";
import { Cleanup } from "../helpers/cleanup.ts";
import { eventually } from "../helpers/eventually.ts";
import { listenHere } from "../helpers/listen-here.ts";
import { startOpenSsh, type TestServer } from "../helpers/servers/index.ts";
import { planFor } from "../ssh/plan.ts";

const limitMs = 30_000;

let cleanup = new Cleanup();
afterEach(async () => {
  await cleanup.run();
  cleanup = new Cleanup();
});

function openBook(engine: SshEngine = createSsh2Engine()): ConnectionBook {
  const book = new ConnectionBook(gateHandshakes(engine));
  cleanup.add(() => book.close());
  return book;
}

/** The same engine, and how many handshakes were under way at once, each counted until the server said something after the login. */
function watched(engine: SshEngine): { readonly engine: SshEngine; readonly mostAtOnce: () => number } {
  let underway = 0;
  let most = 0;
  const connect: SshEngine["connect"] = async (...request) => {
    underway += 1;
    most = Math.max(most, underway);
    const connection = await engine.connect(...request);
    void connection.alive(limitMs).then(() => {
      underway -= 1;
    });
    return connection;
  };
  return { engine: { connect }, mostAtOnce: () => most };
}

async function start(config: readonly string[] = []): Promise<TestServer> {
  const server = await startOpenSsh({ config });
  cleanup.add(() => server.stop());
  return server;
}

/** Plans that share no connection. */
function plans(server: TestServer, count: number, changes: Partial<ConnectPlan> = {}): readonly ConnectPlan[] {
  return Array.from({ length: count }, (_, index) => planFor(server, { ...changes, passphrase: `number ${index}` }));
}

/** A listener that does with a connection what `serve` says; how many came. */
async function listener(serve: (socket: Socket, number: number) => void): Promise<{ port: number; came(): number }> {
  let count = 0;
  const port = await listenHere(cleanup, (socket) => {
    count += 1;
    serve(socket, count);
  });
  return { port, came: () => count };
}

function passOn(socket: Socket, port: number): void {
  const far = dialTo(port, "127.0.0.1");
  far.on("error", () => undefined);
  socket.pipe(far).pipe(socket);
  socket.on("close", () => far.destroy());
}

describe("the connection book", () => {
  it("shares one connection between all that go to the same place in the same way", async () => {
    const server = await start();
    const book = openBook();
    const all = await Promise.all(Array.from({ length: 10 }, () => book.get(planFor(server))));
    expect(new Set(all).size).toBe(1);
    expect(server.connections()).toHaveLength(1);
    const [first, second] = await Promise.all(plans(server, 2).map((plan) => book.get(plan)));
    expect(first).not.toBe(second);
  });

  it("makes at most four handshakes at once with one host", async () => {
    // One more than four is dropped at once.
    const server = await start(["MaxStartups 4:100:4"]);
    const { engine, mostAtOnce } = watched(createSsh2Engine());
    const book = openBook(engine);
    const all = await Promise.all(plans(server, 24).map((plan) => book.get(plan)));
    expect(all).toHaveLength(24);
    expect(server.log()).not.toMatch(/drop connection/);
    // sshd counts a login for a moment longer than it takes: how long that is depends on what else the machine does.
    expect(mostAtOnce()).toBe(4);
  });

  it("gets through to a server that drops logins at random", async () => {
    const server = await start(["MaxStartups 2"]);
    const book = openBook();
    const all = await Promise.all(plans(server, 8, { retries: 6, retryDelayMs: 300 }).map((plan) => book.get(plan)));
    expect(all).toHaveLength(8);
  });

  it("waits for room at a server that has too many logins under way for as long as a connection may take, not for so many attempts", async () => {
    const server = await start(["MaxStartups 2"]);
    const plan = planFor(server, { retries: 1, retryDelayMs: 50 });
    const fillUp = async (): Promise<() => void> => {
      const early = [1, 2].map(() => dialTo(server.port, "127.0.0.1"));
      cleanup.add(() => early.forEach((socket) => socket.destroy()));
      await Promise.all(early.map((socket) => once(socket, "data")));
      return () => early.forEach((socket) => socket.destroy());
    };
    const turnedAway = (): number => server.log().match(/drop connection/g)?.length ?? 0;
    const makeRoom = await fillUp();
    const patient = openBook().get(plan);
    await eventually("it was turned away more often", limitMs, () => (turnedAway() > 3 ? true : undefined));
    makeRoom();
    expect(await patient).toMatchObject({ closed: false });
    await fillUp();
    // Who wants no attempt but the first has none.
    await expect(openBook().get({ ...plan, retries: 0 })).rejects.toMatchObject({ details: { attempts: 1 } });
  });

  it("tries again what may pass, as often as the plan says", async () => {
    const server = await start();
    const flaky = await listener((socket, number) => {
      if (number < 3) socket.destroy();
      else passOn(socket, server.port);
    });
    const plan = planFor(server, {
      port: flaky.port,
      hostKeyAlias: `[127.0.0.1]:${server.port}`,
      retries: 2,
      retryDelayMs: 50,
    });
    await openBook().get(plan);
    expect(flaky.came()).toBe(3);
    const closed = await listener((socket) => socket.destroy());
    await expect(openBook().get({ ...plan, port: closed.port })).rejects.toMatchObject({ code: "dial_failed" });
    expect(closed.came()).toBe(3);
  });

  it.each<[string, string, Partial<ConnectPlan>]>([
    ["a refused login", "auth_failed", { identityFiles: [] }],
    ["an unknown host key", "host_key_unknown", { knownHostsFiles: [] }],
  ])("does not try %s again", async (_name, code, changes) => {
    const server = await start();
    const counted = await listener((socket) => passOn(socket, server.port));
    const plan = planFor(server, {
      port: counted.port,
      hostKeyAlias: `[127.0.0.1]:${server.port}`,
      retries: 5,
      retryDelayMs: 10,
      ...changes,
    });
    await expect(openBook().get(plan)).rejects.toMatchObject({ code });
    expect(counted.came()).toBe(1);
  });

  it("no silent host delays another", async () => {
    const server = await start();
    const silent = await listener(() => undefined);
    const book = openBook();
    let over = 0;
    const dead = plans(server, 20, { port: silent.port, connectTimeoutMs: 600_000 }).map((plan) =>
      book
        .get(plan)
        .catch(() => undefined)
        .finally(() => {
          over += 1;
        }),
    );
    await Promise.all(plans(server, 40).map((plan) => book.get(plan)));
    expect([over, silent.came()]).toEqual([0, 4]);
    expect(dead).toHaveLength(20);
  });

  it("closes a connection that nobody uses, and none that is in use or persistent", async () => {
    const server = await start();
    const book = openBook();
    const [idle, running, forwarding, lasting] = plans(server, 4);
    if (idle === undefined || running === undefined || forwarding === undefined || lasting === undefined) return;
    const idleMs = 1_200;
    const [unused, used, forwarded, persistent] = await Promise.all([
      book.get({ ...idle, idleMs }),
      book.get({ ...running, idleMs }),
      book.get({ ...forwarding, idleMs }),
      book.get(lasting),
    ]);
    const none = { onStdout: () => undefined, onStderr: () => undefined, onEnd: () => undefined };
    await used.exec("sleep 600", none);
    const forward = await forwarded.forwardIn({ host: "127.0.0.1", port: 0 }, (offer) => offer.refuse());
    await eventually("the unused one closed", limitMs, () => (unused.closed ? true : undefined));
    await delay(idleMs * 2);
    expect([used.closed, forwarded.closed, persistent.closed]).toEqual([false, false, false]);
    await forward.close();
    await eventually("the other one closed", limitMs, () => (forwarded.closed ? true : undefined));
    expect(await book.get({ ...idle, idleMs })).not.toBe(unused);
  });

  it("closes a shared connection as the most patient of those that share it wishes", async () => {
    const server = await start();
    const book = openBook();
    const [first, second] = plans(server, 2);
    if (first === undefined || second === undefined) return;
    const idleMs = 1_200;
    const lasting = await book.get({ ...first, idleMs });
    const patient = await book.get({ ...second, idleMs: 600_000 });
    expect(await book.get({ ...first, alias: "persistent" })).toBe(lasting);
    expect(await book.get({ ...second, alias: "impatient", idleMs })).toBe(patient);
    expect(await book.get({ ...first, idleMs })).toBe(lasting);
    const [, , other] = plans(server, 3);
    if (other === undefined) return;
    const unused = await book.get({ ...other, idleMs });
    await eventually("the unshared one closed", limitMs, () => (unused.closed ? true : undefined));
    await delay(idleMs);
    expect([lasting.closed, patient.closed]).toEqual([false, false]);
  });

  it("LoginGraceTime 2: who does not log in in time is told what happened", async () => {
    const server = await start(["LoginGraceTime 2"]);
    // Nothing of the key exchange passes.
    const stuck = await listener((socket) => {
      const far = dialTo(server.port, "127.0.0.1");
      far.on("error", () => undefined);
      far.pipe(socket);
      socket.resume();
    });
    const plan = planFor(server, { port: stuck.port, hostKeyAlias: `[127.0.0.1]:${server.port}` });
    await expect(openBook().get(plan)).rejects.toMatchObject({
      code: expect.stringMatching(/^(connection_lost|dial_failed)$/),
    });
  });
});
