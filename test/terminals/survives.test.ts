import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { Cleanup } from "../helpers/cleanup.ts";
import { Holdfast } from "../helpers/holdfast.ts";
import { createPrivatePlace } from "../helpers/private-place.ts";
import type { Reply } from "../helpers/reply.ts";
import { startOpenSsh } from "../helpers/servers/index.ts";
import { keeping, loginWithout } from "./login-without.ts";

const cleanup = new Cleanup();
afterAll(() => cleanup.run());

/** Hosts by the only thing that could keep a terminal there. */
const keepers =
  process.env["HOLDFAST_TERMINALS"] === "full"
    ? (["script", "python3", "perl"] as const)
    : (["script", "python3"] as const);

/** The screen itself: its cursor, its title, its rows. */
function screenOf({ text }: Reply): string {
  return text.slice(text.indexOf("\nscreen ") + 1);
}

async function survives(keeper: (typeof keepers)[number]): Promise<void> {
  const others = keeping.filter((name) => !keeper.startsWith(name));
  const login = loginWithout(cleanup, others, "/bin/bash");
  const server = await startOpenSsh({ config: ["LogLevel INFO", `ForceCommand ${login}`] });
  cleanup.add(() => server.stop());
  const place = await createPrivatePlace(server.sshConfigFile);
  cleanup.add(() => place.remove());
  const home = join(server.directory, "home");
  mkdirSync(home);
  writeFileSync(join(home, "words"), "one\ntwo\nthree\n");
  const first = await Holdfast.start(place);
  cleanup.add(() => first.stop());
  const opened = await first.run(server.alias, "vim -u NONE -N -i NONE words", {
    pty: true,
    cwd: home,
    cols: 70,
    rows: 20,
    wait_s: 1,
  });
  expect(opened.text).toContain("terminal 70x20, survives disconnects");
  const command = opened.id;
  const told = await first.run(server.alias, 'cat "$_hf_D"/bc.*', { max_output: 100_000 });
  expect(told.stdout).toContain(`_hf_by=${keeper}`);
  const read = { command, stream: "screen" };
  await first.call("ssh_input", { command, cols: 90, rows: 24, text: ":set number title\n" });
  await first.call("ssh_input", { command, text: "Gofour, not saved", wait_s: 2 });
  const before = await first.call("ssh_read", { ...read, until: "text", grep: "4 four, not saved", wait_s: 60 });
  const shown = screenOf(await first.call("ssh_read", { ...read, wait_s: 5 }));
  expect(shown).toMatch(/^screen 90x24 · cursor 4,\d+ · alternate[^]*\n +4 four, not saved\n~/);
  expect(before.id).toBe(command);

  server.killConnections();
  expect(screenOf(await first.call("ssh_read", { ...read, wait_s: 30 }))).toBe(shown);

  await first.kill();
  const second = await Holdfast.start(place);
  cleanup.add(() => second.stop());
  cleanup.add(() => second.closeSession(server.alias));
  const again = await second.call("ssh_read", { ...read, wait_s: 30 });
  expect(screenOf(again)).toBe(shown);
  await second.call("ssh_input", { command, keys: ["Escape"] });
  await second.call("ssh_input", { command, text: ":wq\n" });
  const ended = await second.call("ssh_read", { command, wait_s: 60 });
  expect(ended.state).toBe("exit 0");
  expect((await second.run(server.alias, `cat ${home}/words`)).stdout).toBe("one\ntwo\nthree\nfour, not saved\n");
}

it.concurrent.each(keepers)(
  "an editor's screen is the same after its connection was cut, and for another server when the first was killed, on a host with %s",
  survives,
);
