import { randomBytes } from "node:crypto";
import { readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { longWay, placeFor } from "../bench/scene.ts";
import { Cleanup } from "../helpers/cleanup.ts";
import { eventually } from "../helpers/eventually.ts";
import { Holdfast } from "../helpers/holdfast.ts";
import { makeTempDir, startOpenSsh } from "../helpers/servers/index.ts";

/** Long enough that a large file goes over several channels. */
const oneWayMs = 25;

const cleanup = new Cleanup();
const content = randomBytes(40_000_000);
let server: Holdfast;
let way: Awaited<ReturnType<typeof longWay>>;
const here = makeTempDir();
const there = makeTempDir();

beforeAll(async () => {
  // New keys several times in each direction: what goes out meanwhile waits for them.
  const host = await startOpenSsh({ config: ["RekeyLimit 10M"] });
  cleanup.add(() => host.stop());
  way = await longWay(cleanup, host, oneWayMs);
  server = await Holdfast.start(await placeFor(cleanup, way), { daemon: false });
  cleanup.add(() => server.stop());
  cleanup.add(() => server.call("ssh_close", { all: true, force: true }));
  await server.call("ssh_open", { target: way.alias, name: "far" });
  writeFileSync(join(here.path, "big"), content);
}, 60_000);
afterAll(async () => {
  await cleanup.run();
  here.remove();
  there.remove();
});

const parts = (): readonly string[] => readdirSync(there.path).filter((name) => name.startsWith(".holdfast-part"));

it("a large file that goes over several channels is whole, also when they break", async () => {
  const whole = { from: join(here.path, "big"), to: `far:${there.path}/big` };
  expect((await server.call("ssh_copy", { ...whole, wait_s: 60 })).text).toMatch(/^copied · 1 file · /);
  expect(readFileSync(join(there.path, "big")).equals(content)).toBe(true);
  const back = { from: `far:${there.path}/big`, to: join(here.path, "back") };
  expect((await server.call("ssh_copy", { ...back, wait_s: 60 })).text).toMatch(/^copied · 1 file · /);
  expect(readFileSync(join(here.path, "back")).equals(content)).toBe(true);
  const started = await server.call("ssh_copy", { ...whole, to: `far:${there.path}/broken`, wait_s: 0 });
  const command = /far\/\d+/.exec(started.text)?.[0];
  await eventually("half of it", 30_000, () => {
    const held = parts().map((name) => statSync(join(there.path, name), { throwIfNoEntry: false })?.size ?? 0);
    return readdirSync(there.path).includes("broken") || held.some((size) => size > content.length / 2) || undefined;
  });
  way.cut();
  const ended = await server.call("ssh_read", { command, wait_s: 60 }, 90_000);
  expect(ended.text).toMatch(/\ncopied · 1 file · 40,000,000 bytes · /);
  expect(readFileSync(join(there.path, "broken")).equals(content)).toBe(true);
  expect(parts()).toEqual([]);
}, 120_000);
