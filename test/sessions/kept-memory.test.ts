import { afterEach, expect, it } from "vitest";
import { delay } from "../../src/base/index.ts";
import { installMemoryProbe, type MemoryProbe } from "../bench/memory-probe.ts";
import { hostDirectory, openSession, placeFor, startHost, startServer } from "../bench/scene.ts";
import { Cleanup } from "../helpers/cleanup.ts";
import type { Holdfast } from "../helpers/holdfast.ts";
import type { TestServer } from "../helpers/servers/index.ts";

let cleanup = new Cleanup();
afterEach(async () => {
  await cleanup.run();
  cleanup = new Cleanup();
});

const kibibyte = 1024;

/** Open before the count begins: most of what the first ones take is code, which is compiled once. */
const firstSessions = 8;
const sessions = 32;

/** With so few, which pay for code, it is 80 KiB, and was 160 while each kept what it was made with. */
const mostBytes = 120 * kibibyte;

/** What is still under way at one look is over at another. */
const looks = 3;
const betweenLooksMs = 400;

async function usedBytes(probe: MemoryProbe, server: Holdfast): Promise<number> {
  const seen: number[] = [];
  for (let look = 0; look < looks; look += 1) {
    await delay(betweenLooksMs);
    seen.push((await probe.look(server.pid ?? 0)).usedBytes);
  }
  return Math.min(...seen);
}

async function openMany(server: Holdfast, host: TestServer, from: number, to: number): Promise<void> {
  let next = from;
  const openSome = async (): Promise<void> => {
    while (next < to) {
      next += 1;
      await openSession(server, host, `kept${next}`);
    }
  };
  await Promise.all(Array.from({ length: 4 }, openSome));
}

it("an idle session keeps little: not what it was made with", async () => {
  const host = await startHost(cleanup, ["MaxStartups 100"]);
  const probe = installMemoryProbe(host.directory);
  const place = await placeFor(cleanup, host, { HOLDFAST_HOST_DIRECTORY: hostDirectory(host), ...probe.env });
  const server = await startServer(cleanup, place, false);
  await openMany(server, host, 0, firstSessions);
  const before = await usedBytes(probe, server);
  await openMany(server, host, firstSessions, sessions);
  const each = ((await usedBytes(probe, server)) - before) / (sessions - firstSessions);
  expect(each).toBeLessThan(mostBytes);
});
