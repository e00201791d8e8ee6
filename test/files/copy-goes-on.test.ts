import { randomBytes } from "node:crypto";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { eventually } from "../helpers/eventually.ts";
import { makeTempDir } from "../helpers/servers/index.ts";
import { fileHosts, type FilePlace } from "./file-places.ts";

let place: FilePlace;
const here = makeTempDir();
const content = randomBytes(60_000_000);
beforeAll(async () => {
  place = await fileHosts["OpenSSH with SFTP"]();
  writeFileSync(join(here.path, "big"), content);
});
afterAll(async () => {
  await place.remove();
  here.remove();
});

const parts = (): readonly string[] => readdirSync(place.local).filter((name) => name.startsWith(".holdfast-part"));

it("goes on as a command over lost connections, and is whole", async () => {
  const started = await place.call("ssh_copy", {
    from: join(here.path, "big"),
    to: `${place.session.name}:${place.directory}/held`,
    wait_s: 0,
  });
  expect(started.state).toBe("running");
  const command = /box\/\d+/.exec(started.text)?.[0];
  expect(command).toBeDefined();
  for (let kill = 0; kill < 3; kill += 1) {
    await eventually("a part", 20_000, () =>
      parts().length > 0 || readdirSync(place.local).includes("held") ? true : undefined,
    );
    place.server.killConnections();
  }
  const ended = await place.call("ssh_read", { command, wait_s: 60 });
  expect(ended.text).toMatch(/^exit 0 · /);
  expect(ended.text).toMatch(/\ncopied · 1 file · 60,000,000 bytes · /);
  expect(readFileSync(join(place.local, "held")).equals(content)).toBe(true);
  expect(parts()).toEqual([]);
}, 120_000);

it("is stopped with its command, and goes on when it is called again", async () => {
  const args = { from: join(here.path, "big"), to: `${place.session.name}:${place.directory}/stopped` };
  const started = await place.call("ssh_copy", { ...args, wait_s: 0 });
  const command = /box\/\d+/.exec(started.text)?.[0];
  expect((await place.call("ssh_stop", { command })).text).toMatch(/^(signal INT|exit 0) · /);
  const again = await place.call("ssh_copy", { ...args, verify: true, wait_s: 60 });
  expect(again.text).toMatch(/^copied · 1 file · /);
  expect(readFileSync(join(place.local, "stopped")).equals(content)).toBe(true);
  expect(parts()).toEqual([]);
}, 120_000);

it("goes on as a command in this server where the host has no shell that could hold one", async () => {
  await place.call("ssh_open", { target: "box", name: "bare", kind: "exec" });
  const started = await place.call("ssh_copy", {
    from: join(here.path, "big"),
    to: `bare:${place.directory}/bare`,
    wait_s: 0,
  });
  expect(started.text).toMatch(/^(?:running|exit 0) · .* · bare\/\d+ · .*it runs in this server and ends with it/);
  const command = /bare\/\d+/.exec(started.text)?.[0];
  place.server.killConnections();
  const ended = await place.call("ssh_read", { command, wait_s: 60 });
  expect(ended.text).toMatch(/^exit 0 · [^]*\ncopied · 1 file · 60,000,000 bytes · /);
  expect(readFileSync(join(place.local, "bare")).equals(content)).toBe(true);
}, 120_000);
