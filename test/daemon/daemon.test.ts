import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { text as readAll } from "node:stream/consumers";
import { afterEach, describe, expect, it } from "vitest";
import { monotonicMs } from "../../src/base/index.ts";
import { Cleanup } from "../helpers/cleanup.ts";
import { daemonFacts, daemonOf, daemonPid, environmentOf, isAlive, stopDaemon } from "../helpers/daemon.ts";
import { eventually } from "../helpers/eventually.ts";
import { Holdfast, builtServer } from "../helpers/holdfast.ts";
import { createPrivatePlace, type PrivatePlace } from "../helpers/private-place.ts";

const cleanup = new Cleanup();
afterEach(() => cleanup.run());

async function emptyPlace(): Promise<PrivatePlace> {
  const place = await createPrivatePlace("/dev/null");
  cleanup.add(() => place.remove());
  cleanup.add(() => stopDaemon(place));
  return place;
}

async function clientOf(place: PrivatePlace): Promise<Holdfast> {
  const client = await Holdfast.start(place, { daemon: true });
  cleanup.add(() => client.stop());
  return client;
}

/** The processes whose command line holds `text`. */
function processesWith(text: string): readonly number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const environment = readFileSync(`/proc/${name}/environ`, "latin1");
        const words = readFileSync(`/proc/${name}/cmdline`, "latin1").split("\0");
        return environment.includes(text) && words.includes("daemon") ? [Number(name)] : [];
      } catch {
        return [];
      }
    });
}

describe("one daemon for all clients", () => {
  it("is started by the first, shared by the second, and outlives both", async () => {
    const place = await emptyPlace();
    const first = await clientOf(place);
    const pid = await daemonPid(place);
    expect(readFileSync(`/proc/${pid}/environ`, "latin1").split("\0")).toContain("MALLOC_ARENA_MAX=1");
    const second = await clientOf(place);
    expect((await first.call("ssh_list", {})).text).toMatch(/^0 sessions/);
    expect((await second.call("ssh_list", {})).text).toMatch(/^0 sessions/);
    expect(await daemonFacts(place)).toMatchObject({ pid, connections: 2 });
    await first.stop();
    await second.stop();
    await eventually("the daemon to see them go", 20_000, async () =>
      (await daemonFacts(place))?.connections === 0 ? true : undefined,
    );
    expect(await daemonPid(place)).toBe(pid);
  });

  it("is one when four clients start at once", async () => {
    const place = await emptyPlace();
    const clients = await Promise.all([1, 2, 3, 4].map(() => clientOf(place)));
    for (const client of clients) expect((await client.call("ssh_list", {})).isError).toBe(false);
    await eventually("the others to give way", 20_000, () =>
      processesWith(place.root).length === 1 ? true : undefined,
    );
    expect(await daemonFacts(place)).toMatchObject({ connections: 4 });
  });

  it("is another one for other settings", async () => {
    const place = await emptyPlace();
    const other: PrivatePlace = { ...place, env: { ...place.env, HOLDFAST_CONFIG_DIR: join(place.root, "other") } };
    cleanup.add(() => stopDaemon(other));
    await clientOf(place);
    await clientOf(other);
    expect(await daemonPid(other)).not.toBe(await daemonPid(place));
    expect(daemonOf(other).directory).toBe(daemonOf(place).directory);
  });

  it("keeps to a private directory, and its log too", async () => {
    const place = await emptyPlace();
    await clientOf(place);
    const { directory, socketPath, logFile } = daemonOf(place);
    expect(statSync(directory).mode & 0o777).toBe(0o700);
    expect(statSync(socketPath).mode & 0o777).toBe(0o600);
    expect(statSync(logFile).mode & 0o777).toBe(0o600);
    // Nothing of the making of the socket stays.
    expect(readdirSync(directory)).toEqual([socketPath.slice(directory.length + 1)]);
  });

  it("takes a short directory when the wanted one is too long for a socket", async () => {
    const place = await emptyPlace();
    const long = { ...environmentOf(place), HOLDFAST_RUNTIME_DIR: join(place.root, "x".repeat(120)) };
    const { daemonPlace } = await import("../../src/shim/index.ts");
    expect(Buffer.byteLength(daemonPlace(long).socketPath)).toBeLessThanOrEqual(100);
  });
});

describe("what stands in the way", () => {
  it("is replaced when it is a dead daemon's socket", async () => {
    const place = await emptyPlace();
    await (await clientOf(place)).stop();
    const pid = await daemonPid(place);
    process.kill(pid, "SIGKILL");
    await eventually("the daemon to be dead", 20_000, () => (isAlive(pid) ? undefined : true));
    expect(statSync(daemonOf(place).socketPath).isSocket()).toBe(true);
    const client = await clientOf(place);
    expect((await client.call("ssh_list", {})).isError).toBe(false);
    expect(await daemonPid(place)).not.toBe(pid);
  });

  it("is gone around: the process serves by itself when the directory is not private", async () => {
    const place = await createPrivatePlace("/dev/null");
    cleanup.add(() => place.remove());
    // A file where the directory should be.
    writeFileSync(join(place.root, "run"), "");
    const client = await clientOf(place);
    expect((await client.call("ssh_list", {})).text).toMatch(/^0 sessions/);
    expect(client.diagnostics).toMatch(/this process serves without it/);
    expect(await daemonFacts(place)).toBeUndefined();
  });

  it("is gone around too when something else listens there", async () => {
    const place = await createPrivatePlace("/dev/null");
    cleanup.add(() => place.remove());
    const first = await clientOf(place);
    await first.stop();
    await stopDaemon(place);
    const stranger = createServer((socket) => socket.resume().end("220 hello\n"));
    await new Promise<void>((resolve) => stranger.listen(daemonOf(place).socketPath, resolve));
    cleanup.add(() => new Promise((resolve) => stranger.close(resolve)));
    const client = await clientOf(place);
    expect((await client.call("ssh_list", {})).isError).toBe(false);
    expect(client.diagnostics).toMatch(/another language/);
  });
});

describe("the end", () => {
  it("comes by itself when nobody needs it", async () => {
    const place = await emptyPlace();
    const hurried: PrivatePlace = { ...place, env: { ...place.env, HOLDFAST_DAEMON_IDLE_S: "1" } };
    const client = await clientOf(hurried);
    const pid = await daemonPid(hurried);
    await client.stop();
    await eventually("the idle daemon to end", 60_000, () => (isAlive(pid) ? undefined : true));
    expect(readdirSync(daemonOf(hurried).directory)).toEqual([]);
  });

  it("comes when its directory is removed", async () => {
    const place = await emptyPlace();
    const client = await clientOf(place);
    const pid = await daemonPid(place);
    await client.stop();
    await place.remove();
    await eventually("the daemon to end", 60_000, () => (isAlive(pid) ? undefined : true));
  });

  it("comes on SIGTERM, and an idle client goes on with the next daemon", async () => {
    const place = await emptyPlace();
    const client = await clientOf(place);
    const pid = await daemonPid(place);
    process.kill(pid, "SIGTERM");
    await eventually("the daemon to end", 20_000, () => (isAlive(pid) ? undefined : true));
    expect((await client.call("ssh_list", {})).isError).toBe(false);
    expect(await daemonPid(place)).not.toBe(pid);
  });

  it("comes by `holdfast stop`, which says so", async () => {
    const place = await emptyPlace();
    await (await clientOf(place)).stop();
    const pid = await daemonPid(place);
    expect(await run(place, ["doctor"])).toMatch(new RegExp(`✔ daemon +version .*, process ${String(pid)}, `));
    expect(await run(place, ["stop"])).toBe(
      `The daemon (process ${String(pid)}) has ended. Sessions stay on their hosts.\n`,
    );
    await eventually("the process to be gone", 20_000, () => (isAlive(pid) ? undefined : true));
    expect(await run(place, ["stop"])).toBe("No daemon runs.\n");
  });

  it("of input ends a client at once, of its output too, and none of it the daemon", async () => {
    const place = await emptyPlace();
    await clientOf(place);
    const pid = await daemonPid(place);
    for (const end of [
      (child: ReturnType<typeof start>) => child.stdin.end(),
      (child: ReturnType<typeof start>) => child.kill("SIGTERM"),
    ]) {
      const child = start(place);
      child.stdin.write(`${initialize}\n`);
      await once(child.stdout, "data");
      const startedMs = monotonicMs();
      end(child);
      expect((await once(child, "exit"))[0]).toBe(0);
      // Promised is one second; the rest is for machines that stand still.
      expect(monotonicMs() - startedMs).toBeLessThan(5_000);
    }
    expect(await daemonPid(place)).toBe(pid);
  });

  it("of input does not cut off the answer that is on its way", async () => {
    const place = await emptyPlace();
    const child = start(place);
    const output = readAll(child.stdout);
    child.stdin.end(`${initialize}\n{"jsonrpc":"2.0","id":2,"method":"tools/list"}\n`);
    const answers = (await output).trimEnd().split("\n");
    expect(answers.map((line) => /"id":(\d)/.exec(line)?.[1])).toEqual(["1", "2"]);
  });
});

describe("without a daemon", () => {
  it.each([
    ["--no-daemon", {}],
    ["HOLDFAST_NO_DAEMON", { HOLDFAST_NO_DAEMON: "1" }],
  ])("%s serves in the process", async (word, more) => {
    const place = await createPrivatePlace("/dev/null");
    cleanup.add(() => place.remove());
    const here: PrivatePlace = { ...place, env: { ...place.env, ...more } };
    const client = await Holdfast.start(here, { daemon: word !== "--no-daemon" });
    cleanup.add(() => client.stop());
    expect((await client.call("ssh_list", {})).isError).toBe(false);
    expect(await daemonFacts(here)).toBeUndefined();
  });
});

const initialize =
  '{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}';

function start(place: PrivatePlace, args: readonly string[] = []) {
  return spawn(process.execPath, [builtServer, ...args], {
    env: environmentOf(place),
    stdio: ["pipe", "pipe", "inherit"],
  });
}

async function run(place: PrivatePlace, args: readonly string[]): Promise<string> {
  const child = start(place, args);
  child.stdin.end();
  return readAll(child.stdout);
}
