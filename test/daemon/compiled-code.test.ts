import { readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { delay } from "../../src/base/index.ts";
import { Cleanup } from "../helpers/cleanup.ts";
import { daemonPid, stopDaemon } from "../helpers/daemon.ts";
import { eventually } from "../helpers/eventually.ts";
import { Holdfast } from "../helpers/holdfast.ts";
import { createPrivatePlace, type PrivatePlace } from "../helpers/private-place.ts";

const cleanup = new Cleanup();
afterEach(() => cleanup.run());

/** A daemon keeps its code three seconds after its start. */
const keptLimitMs = 60_000;

function codeFiles(place: PrivatePlace): readonly string[] {
  const directory = join(place.root, "state");
  return readdirSync(directory)
    .filter((name) => name.endsWith(".code"))
    .map((name) => join(directory, name));
}

/** Starts a client, and with it a daemon, that lists the tools; ends both after `meanwhile`. */
async function serveOnce(place: PrivatePlace, meanwhile: () => Promise<unknown>): Promise<void> {
  const client = await Holdfast.start(place, { daemon: true });
  try {
    expect((await client.call("ssh_list", {})).isError).toBe(false);
    await daemonPid(place);
    await meanwhile();
  } finally {
    await client.stop();
    await stopDaemon(place);
  }
}

it("the code of a daemon is kept for the next ones, who refuse what is damaged and keep their own in its place", async () => {
  const place = await createPrivatePlace("/dev/null");
  cleanup.add(() => place.remove());
  const kept = (): Promise<string> => eventually("code is kept", keptLimitMs, () => codeFiles(place)[0]);
  await serveOnce(place, kept);
  const file = await kept();
  const { ino, size } = statSync(file);
  expect(size).toBeGreaterThan(100_000);

  // Code that V8 had refused would be kept anew by then.
  await serveOnce(place, () => delay(4_500));
  expect(statSync(file).ino).toBe(ino);

  writeFileSync(file, Buffer.alloc(size, "damaged"), { mode: 0o600 });
  await serveOnce(place, () =>
    eventually("code is kept anew", keptLimitMs, () => (statSync(file).ino === ino ? undefined : true)),
  );
  expect(codeFiles(place)).toEqual([file]);
}, 180_000);
