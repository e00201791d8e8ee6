import { readFileSync, readdirSync } from "node:fs";
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
  /** Starts another server of the same user. */
  readonly another: () => Promise<Holdfast>;
}

/** Processes with `part` in their arguments. */
function processesWith(part: string): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, "latin1").includes(part) ? [Number(pid)] : [];
      } catch {
        // Gone while we looked.
        return [];
      }
    });
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
  const another = async (): Promise<Holdfast> => {
    const started = await Holdfast.start(place);
    cleanup.add(() => started.stop());
    return started;
  };
  const holdfast = await another();
  cleanup.add(() => holdfast.closeSession(server.alias));
  return { holdfast, session: server.alias, sever: proxy.sever, another };
}

test("a link that dies silently while a call waits is replaced, and the reply says after how long", async () => {
  const { holdfast, session, sever } = await stage();
  await holdfast.run(session, ":");
  const waiting = holdfast.run(session, "echo before; sleep 5; echo after", { wait_s: 60 });
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

test("a command that is said to run is found by another server, though its link had died silently when it was started", async () => {
  const { holdfast, session, sever, another } = await stage();
  await holdfast.run(session, ":");
  const second = await another();
  sever();
  const running = await holdfast.run(session, "echo here; sleep 300", { wait_s: 0 });
  expect(running.state).toBe("running");
  const found = await second.call("ssh_read", { command: running.id ?? "", from: 0, until: "output", wait_s: 20 });
  expect(found).toMatchObject({ state: "running", stdout: "here\n" });
});

test("a command that waits for the shell to be ready does not wait on a link that has died silently", async () => {
  const { holdfast, session, sever } = await stage();
  const { stdout } = await holdfast.run(session, "echo $_hf_D");
  const butlers = processesWith(`${stdout.trim()}/butler.sh`);
  expect(butlers).not.toEqual([]);
  for (const pid of butlers) process.kill(pid, "SIGSTOP");
  try {
    // The job holds the streams, so the host is asked for new ones, and does not give them.
    await holdfast.run(session, "sleep 300 & echo first");
    await delay(1_000);
    sever();
  } finally {
    for (const pid of butlers) process.kill(pid, "SIGCONT");
  }
  expect(await holdfast.run(session, "echo next", { wait_s: 60 })).toMatchObject({ state: "exit 0", stdout: "next\n" });
});

test("a session is closed though its link has died silently", async () => {
  const { holdfast, session, sever } = await stage();
  await holdfast.run(session, ":");
  sever();
  const closed = await holdfast.call("ssh_close", { session });
  expect(closed.text).not.toMatch(/timed_out|still/);
  expect(closed.isError).toBe(false);
  await holdfast.run(session, ":");
});

test("a command whose number another server has used meanwhile did not start, and the other's is not taken for it", async () => {
  const { holdfast, session, sever, another } = await stage();
  await holdfast.run(session, ":");
  const second = await another();
  sever();
  const waiting = holdfast.run(session, "echo mine", { wait_s: 60 });
  await delay(300);
  const theirs = await second.run(session, "echo theirs; sleep 14; echo end", { wait_s: 2 });
  expect(theirs).toMatchObject({ state: "running", stdout: "theirs\n" });
  const mine = await waiting;
  expect(mine).toMatchObject({ id: theirs.id, stdout: "", stderr: "" });
  expect(mine.firstLine).toMatch(/^lost.*another server has used its number/);
  const beside = await holdfast.run(session, "echo beside", { wait_s: 60 });
  expect(beside).toMatchObject({ state: "exit 0", stdout: "beside\n" });
  expect(beside.notes.join()).toContain(`beside ${theirs.id}`);
  const read = { command: theirs.id ?? "", from: 0, wait_s: 60 };
  expect(await second.call("ssh_read", read)).toMatchObject({ state: "exit 0", stdout: "theirs\nend\n" });
  expect(await holdfast.call("ssh_read", read)).toMatchObject({ firstLine: mine.firstLine, stdout: "" });
});
