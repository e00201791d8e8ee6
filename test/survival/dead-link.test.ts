import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { delay, randomHex } from "../../src/base/index.ts";
import { Cleanup } from "../helpers/cleanup.ts";
import { Holdfast } from "../helpers/holdfast.ts";
import { createPrivatePlace } from "../helpers/private-place.ts";
import { startOpenSsh } from "../helpers/servers/index.ts";
import { startSeveringProxy } from "./severing-proxy.ts";

const cleanup = new Cleanup();

afterEach(() => cleanup.run());

interface Stage {
  readonly holdfast: Holdfast;
  readonly session: string;
  readonly sever: () => void;
}

async function stage(): Promise<Stage> {
  const server = await startOpenSsh({ alias: `box${randomHex(4)}` });
  cleanup.add(() => server.stop());
  const proxy = await startSeveringProxy(server.port);
  cleanup.add(() => proxy.stop());
  const text = await readFile(server.sshConfigFile, "utf8");
  const config = join(server.directory, "ssh_config_through_proxy");
  const through = text.replace(/Port \d+/, `Port ${proxy.port}`);
  await writeFile(config, `${through}  HostKeyAlias [127.0.0.1]:${server.port}\n`, { mode: 0o600 });
  const place = await createPrivatePlace(config);
  cleanup.add(() => place.remove());
  const holdfast = await Holdfast.start(place);
  cleanup.add(() => holdfast.stop());
  cleanup.add(() => holdfast.closeSession(server.alias));
  return { holdfast, session: server.alias, sever: proxy.sever };
}

test("a link that dies silently while a call waits is replaced, and the reply says after how long", async () => {
  const { holdfast, session, sever } = await stage();
  await holdfast.run(session, ":");
  const waiting = holdfast.run(session, "echo before; sleep 15; echo after", { wait_s: 60 });
  await delay(1_000);
  sever();
  const reply = await waiting;
  expect(reply).toMatchObject({ state: "exit 0", stdout: "before\nafter\n" });
  expect(reply.notes.join()).toMatch(/reconnected after \d+ s/);
});

test("what is sent on a link that has died silently is sent again on another, within the call", async () => {
  const { holdfast, session, sever } = await stage();
  await holdfast.run(session, ":");
  const sleeping = await holdfast.run(session, "echo up; sleep 300", { wait_s: 0.5 });
  sever();
  const stopped = await holdfast.call("ssh_stop", { command: sleeping.id ?? "", signal: "TERM" });
  expect(stopped.firstLine).toMatch(/^signal TERM/);
  sever();
  expect(await holdfast.run(session, "echo next", { wait_s: 60 })).toMatchObject({ state: "exit 0", stdout: "next\n" });
});
