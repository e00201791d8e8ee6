import { afterEach, expect, test } from "vitest";
import { randomHex } from "../../src/base/index.ts";
import { Cleanup } from "../helpers/cleanup.ts";
import { eventually } from "../helpers/eventually.ts";
import { Holdfast } from "../helpers/holdfast.ts";
import { createPrivatePlace } from "../helpers/private-place.ts";
import type { Reply } from "../helpers/reply.ts";
import { startOpenSsh } from "../helpers/servers/index.ts";

const cleanup = new Cleanup();

afterEach(() => cleanup.run());

/** For a background job to print, on a slow machine. */
const jobMs = 20_000;

async function stage(): Promise<{ readonly session: string; readonly start: () => Promise<Holdfast> }> {
  const server = await startOpenSsh({ alias: `box${randomHex(4)}` });
  cleanup.add(() => server.stop());
  const place = await createPrivatePlace(server.sshConfigFile);
  cleanup.add(() => place.remove());
  const start = async (): Promise<Holdfast> => {
    const holdfast = await Holdfast.start(place);
    cleanup.add(() => holdfast.stop());
    return holdfast;
  };
  const closer = await start();
  cleanup.add(() => closer.closeSession(server.alias));
  return { session: server.alias, start };
}

function untilLate(holdfast: Holdfast, command: string, last: string): Promise<Reply> {
  return eventually(`${command} ends in ${last}`, jobMs, async () => {
    const reply = await holdfast.call("ssh_read", { command, tail: 2, wait_s: 0 });
    return reply.stdout.endsWith(last) ? reply : undefined;
  });
}

test("what a background job prints after its command is read there, also after the next command and by another server", async () => {
  const { session, start } = await stage();
  const first = await start();
  const command = await first.run(session, "(sleep 1; echo late; echo lateE >&2) & echo now");
  expect(command).toMatchObject({ state: "exit 0", stdout: "now\n", stderr: "" });
  expect(await first.run(session, "echo next")).toMatchObject({ state: "exit 0", stdout: "next\n" });
  const id = command.id ?? "";
  await untilLate(first, id, "late\n");

  const note = "late output of a background job: 11 bytes";
  const whole = await first.call("ssh_read", { command: id });
  expect(whole).toMatchObject({ state: "exit 0", stdout: "now\nlate\n", stderr: "lateE\n" });
  expect(whole.notes).toContain(note);
  expect((await first.call("ssh_read", { command: id, from: 4, from_stderr: 3 })).stdout).toBe("late\n");
  expect((await first.call("ssh_read", { command: id, from: 10 })).text).toMatch(/^bad_input: .* has 9 bytes/);
  await first.kill();

  const second = await start();
  expect(await second.call("ssh_read", { command: id })).toMatchObject({ state: "exit 0", stdout: "now\nlate\n" });
  expect((await second.call("ssh_read", { command: id })).notes).toContain(note);
});

test("what a job of a command beside the shell prints late is read there, too", async () => {
  const { session, start } = await stage();
  const holdfast = await start();
  const text = "(sleep 2; echo late) & echo now";
  const command = await holdfast.run(session, text, { background: true, wait_s: 30 });
  expect(command).toMatchObject({ state: "exit 0", stdout: "now\n" });
  const reply = await untilLate(holdfast, command.id ?? "", "late\n");
  expect(reply.notes).toContain("late output of a background job: 5 bytes");
  const other = await start();
  expect((await untilLate(other, command.id ?? "", "late\n")).stdout).toBe("now\nlate\n");
});

test("late output beyond what is at hand is read at any byte, and marks of ours are none of it", async () => {
  const { session, start } = await stage();
  const holdfast = await start();
  const command = await holdfast.run(session, "(sleep 1; seq 1 300000) & echo now");
  await holdfast.run(session, "echo next");
  const id = command.id ?? "";
  await untilLate(holdfast, id, "300000\n");
  const due = `now\n${Array.from({ length: 300_000 }, (_, n) => `${n + 1}\n`).join("")}`;
  for (const from of [0, 2, 100_000, 1_000_000, due.length - 9]) {
    const reply = await holdfast.call("ssh_read", { command: id, from, max_output: 5_000 });
    expect(due.slice(from).startsWith(reply.stdout.slice(0, 900).split("\n... ")[0] ?? "-")).toBe(true);
    expect(reply.stdout.endsWith(due.slice(-9))).toBe(true);
  }
});
