import { afterEach, expect, test } from "vitest";
import { delay, randomHex } from "../../src/base/index.ts";
import { Cleanup } from "../helpers/cleanup.ts";
import { eventually } from "../helpers/eventually.ts";
import { Holdfast } from "../helpers/holdfast.ts";
import { leftovers } from "../helpers/leftovers.ts";
import { createPrivatePlace, type PrivatePlace } from "../helpers/private-place.ts";
import { canMakeUsers, createLoginUser, startOpenSsh, type LoginUser } from "../helpers/servers/index.ts";

const cleanup = new Cleanup();

afterEach(() => cleanup.run());

interface Stage {
  readonly place: PrivatePlace;
  readonly session: string;
  readonly user: LoginUser | undefined;
}

async function stage(): Promise<Stage> {
  const user = canMakeUsers ? await createLoginUser() : undefined;
  if (user !== undefined) cleanup.add(() => user.remove());
  const server = await startOpenSsh({
    alias: `box${randomHex(4)}`,
    ...(user === undefined ? {} : { loginUser: user }),
  });
  cleanup.add(() => server.stop());
  const place = await createPrivatePlace(server.sshConfigFile);
  cleanup.add(() => place.remove());
  return { place, session: server.alias, user };
}

async function start(place: PrivatePlace): Promise<Holdfast> {
  const holdfast = await Holdfast.start(place);
  cleanup.add(() => holdfast.stop());
  return holdfast;
}

test("a time limit holds when the server is dead: its host ends the command, and the next server says why", async () => {
  const { place, session } = await stage();
  const first = await start(place);
  await first.run(session, "hf_k=kept; sleep 100 & hf_job=$!");
  const list = { wait_s: 0.3, timeout_s: 2 };
  const front = await first.run(session, "echo up; sleep 300; echo never", list);
  const beside = await first.run(session, "echo up; sleep 300; echo never", { ...list, background: true });
  expect([front.state, beside.state]).toEqual(["running", "running"]);
  await first.kill();
  // Longer than until KILL would follow TERM: nobody has heard that the shell is idle but the host itself.
  await delay(8_000);

  const second = await start(place);
  for (const { id } of [front, beside]) {
    const reply = await second.call("ssh_read", { command: id ?? "", from: 0, wait_s: 30 });
    expect(reply).toMatchObject({ state: "timed out", stdout: "up\n" });
  }
  // The session's shell and what runs in its background have stayed.
  expect(await second.run(session, 'kill $hf_job && echo "$hf_k"')).toMatchObject({ stdout: "kept\n" });
  await second.closeSession(session);
});

test("what ends in time leaves no watcher behind, and what ignores TERM is killed", async () => {
  const { place, session, user } = await stage();
  const first = await start(place);
  expect(await first.run(session, "echo quick", { timeout_s: 600 })).toMatchObject({ state: "exit 0" });
  const stubborn = await first.run(session, "trap '' TERM; sh -c 'trap \"\" TERM; sleep 300; sleep 300'", {
    timeout_s: 1,
    wait_s: 0,
    background: true,
  });
  // The host has it: a command that is only on its way dies with its server.
  await first.call("ssh_read", { command: stubborn.id ?? "", wait_s: 0.5 });
  await first.kill();
  const second = await start(place);
  const reply = await second.call("ssh_read", { command: stubborn.id ?? "", wait_s: 30 });
  expect(reply.state).toBe("timed out");
  await second.closeSession(session);
  if (user === undefined) return;
  await eventually("a clean host", 10_000, () => (leftovers(user).length === 0 ? true : undefined));
});
