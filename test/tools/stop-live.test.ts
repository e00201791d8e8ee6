import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { delay, monotonicMs } from "../../src/base/index.ts";
import type { Reply } from "../helpers/reply.ts";
import { openLiveBench, type LiveBench } from "./live-bench.ts";

let bench: LiveBench;
beforeAll(async () => {
  bench = await openLiveBench();
});
afterAll(() => bench.remove());

/** Starts a command that has said `ready` when this resolves. */
async function ready(command: string, more: Record<string, unknown> = {}): Promise<string> {
  const id = await bench.start(`${command}`, more);
  const reply = await bench.call("ssh_read", { command: id, from: 0, until: "output", wait_s: 30 });
  expect(reply.stdout).toContain("ready");
  return id;
}

const stop = (command: string, more: Record<string, unknown> = {}): Promise<Reply> =>
  bench.call("ssh_stop", { command, ...more });

describe("ssh_stop on a real host", () => {
  it.each(["INT", "TERM", "KILL", "HUP", "QUIT", "USR1", "USR2"])("ends a command by %s", async (signal) => {
    const id = await ready("echo ready; sleep 600");
    const reply = await stop(id, { signal });
    expect(reply.firstLine).toMatch(new RegExp(`^signal ${signal} · `));
    expect(reply.stdout).toBe("ready\n");
    expect((await stop(id)).notes).toContain("had already ended");
  });

  it.each(["USR1", "USR2", "HUP"])("lets a command that handles %s go on, and shows what it says", async (signal) => {
    const id = await ready(`trap 'echo got ${signal}' ${signal}; echo ready; while :; do sleep 0.1; done`);
    const reply = await stop(id, { signal });
    expect(reply.state).toBe("running");
    expect(reply.notes).toContain(`${signal} was sent`);
    // A busy host may be later than the reply waits.
    const later = await bench.call("ssh_read", { command: id, until: "output", from: "ready\n".length, wait_s: 30 });
    expect(later.stdout).toBe(`got ${signal}\n`);
    expect((await stop(id, { signal: "KILL" })).state).toBe("signal KILL");
  });

  it("halts a command with STOP and lets it go on with CONT, without waiting", async () => {
    const id = await ready("echo ready; while :; do echo tick; sleep 0.1; done");
    const startedMs = monotonicMs();
    const halted = await stop(id, { signal: "STOP" });
    expect(monotonicMs() - startedMs).toBeLessThan(2_500);
    expect(halted.state).toBe("running");
    expect(halted.notes).toContain("STOP was sent");
    const sizeOf = async (): Promise<number> =>
      (await bench.call("ssh_read", { command: id, wait_s: 0 })).stdout.length;
    // What was on its way when it was halted arrives first.
    await delay(1_000);
    const before = await sizeOf();
    await delay(1_500);
    expect(await sizeOf()).toBe(before);
    expect((await stop(id, { signal: "CONT" })).state).toBe("running");
    const reply = await bench.call("ssh_read", { command: id, until: "output", from: before, wait_s: 20 });
    expect(reply.stdout).toContain("tick");
    expect((await stop(id, { signal: "TERM" })).state).toBe("signal TERM");
  });

  it.each([
    ["beside the shell", { background: true }],
    ["in the shell", { background: false, wait_s: 0.5 }],
  ])("escalates to KILL within 10 s where INT and TERM are ignored, %s", async (_where, more) => {
    const id = await ready("trap '' INT TERM; echo ready; while :; do sleep 0.2; done", more);
    const startedMs = monotonicMs();
    const reply = await stop(id, { escalate: true });
    expect(reply.state).toBe("signal KILL");
    expect(monotonicMs() - startedMs).toBeLessThan(20_000);
  });

  it("ends a loop of the shell's own by TERM, by KILL and by its time limit, and the shell stays", async () => {
    await bench.run("kept=yes");
    for (const signal of ["TERM", "KILL"]) {
      const id = await ready("cd /tmp; echo ready; while :; do sleep 0.2; done", { background: false, wait_s: 0.5 });
      expect((await stop(id, { signal })).state).toBe(`signal ${signal}`);
    }
    const limited = await bench.run("while :; do sleep 0.2; done", { timeout_s: 1, wait_s: 30 });
    expect(limited.state).toBe("timed out");
    expect((await bench.run("echo $kept")).stdout).toBe("yes\n");
  });

  it("spares the shell where KILL ends the command without", async () => {
    await bench.run("kept=yes");
    const id = await ready("echo ready; sleep 600", { background: false, wait_s: 0.5 });
    expect((await stop(id, { signal: "KILL" })).state).toBe("signal KILL");
    expect((await bench.run("echo $kept")).stdout).toBe("yes\n");
  });

  it("spares the shell where its line has no process of its own that KILL could end", async () => {
    await bench.run("kept=yes");
    const id = await ready("echo ready; while :; do :; done", { background: false, wait_s: 0.5 });
    const reply = await stop(id, { signal: "KILL" });
    expect(reply.state).toBe("signal KILL");
    expect(reply.notes).not.toContain("shell restarted");
    expect((await bench.run("echo $kept")).stdout).toBe("yes\n");
  });

  it("kills the shell itself, soon enough for the reply, where its line outlives its processes", async () => {
    await bench.run("kept=yes");
    const id = await ready("trap '' INT; echo ready; while :; do sleep 0.2; done", { background: false, wait_s: 0.5 });
    const reply = await stop(id, { signal: "KILL" });
    expect(reply.state).toBe("signal KILL");
    expect(reply.notes).toContain("shell restarted");
    expect((await bench.run("echo $kept")).stdout).toBe("\n");
  });

  it("escalates no further than it must", async () => {
    const id = await ready("trap '' INT; trap 'echo bye; exit 3' TERM; echo ready; while :; do sleep 0.1; done");
    const reply = await stop(id, { escalate: true });
    expect(reply.state).toBe("exit 3");
    expect(reply.stdout).toBe("ready\nbye\n");
  });

  it("says that a command still runs which ignores the signal", async () => {
    const id = await ready("trap '' INT; echo ready; sleep 600");
    const reply = await stop(id);
    expect(reply.state).toBe("running");
    expect(reply.notes).toContain("INT was sent");
    expect((await stop(id, { signal: "KILL" })).state).toBe("signal KILL");
  });

  it("refuses signals that do not exist and commands that do not", async () => {
    expect((await stop("box/1", { signal: "STOPP" })).text).toMatch(/^bad_input: ssh_stop cannot take "signal"/);
    expect((await stop("box/99999")).text).toMatch(/^command_unknown: /);
    expect((await stop("nobody/1")).text).toMatch(/^session_unknown: /);
  });
});
