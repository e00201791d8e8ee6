import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { monotonicMs } from "../../src/base/index.ts";
import { openLiveBench, type LiveBench } from "./live-bench.ts";

let bench: LiveBench;
beforeAll(async () => {
  bench = await openLiveBench();
});
afterAll(() => bench.remove());

describe("ssh_run on a real host", () => {
  it("starts in the background at once, with a copy of the shell's state, and leaves the shell free", async () => {
    await bench.run("cd /usr/share; export FRUIT=apple");
    const startedMs = monotonicMs();
    const reply = await bench.run("pwd; echo $FRUIT; sleep 30", { background: true });
    expect(monotonicMs() - startedMs).toBeLessThan(10_000);
    expect(reply.firstLine).toMatch(/^running · [^·]+ · box:\/usr\/share · box\/\d+ · next: ssh_read \{/);
    expect(reply.next).toMatchObject({ tool: "ssh_read", args: { command: reply.id } });
    expect((await bench.run("echo free")).firstLine).toMatch(/^exit 0 · [^·]+ · box:\/usr\/share · box\/\d+$/);
    const read = await bench.call("ssh_read", { command: reply.id, until: "output", from: 0, wait_s: 20 });
    expect(read.stdout).toBe("/usr/share\napple\n");
    expect((await bench.call("ssh_stop", { command: reply.id, signal: "TERM" })).state).toBe("signal TERM");
  });

  it("runs beside a busy shell and says beside what", async () => {
    const busy = await bench.run("sleep 600", { wait_s: 0.2 });
    expect(busy.state).toBe("running");
    const beside = await bench.run("echo meanwhile; (exit 4)");
    expect(beside.firstLine).toMatch(/^exit 4 · [^·]+ · box:\S+ · box\/\d+ · beside box\/\d+$/);
    expect(beside.notes).toEqual([`beside ${busy.id ?? "?"}`]);
    expect(beside.stdout).toBe("meanwhile\n");
    expect((await bench.call("ssh_stop", { command: busy.id })).state).toBe("signal INT");
  });

  it("says that the shell was restarted", async () => {
    const ended = await bench.run("cd /tmp; exit 7");
    expect(ended.state).toBe("exit 7");
    const next = await bench.run("echo alive");
    expect(next.stdout).toBe("alive\n");
    expect([...ended.notes, ...next.notes].join()).toContain("shell restarted");
  });

  it("runs on several sessions at once and puts failures first", async () => {
    for (const name of ["one", "two"]) await bench.call("ssh_open", { target: bench.server.alias, name });
    const startedMs = monotonicMs();
    const reply = await bench.call("ssh_run", { on: ["one", "no-such-host", "two"], command: "sleep 2; echo same" });
    expect(monotonicMs() - startedMs).toBeLessThan(30_000);
    expect(reply.isError).toBe(false);
    const [first = "", group = "", summary] = reply.text.split("\n\n");
    expect(first).toMatch(/^no-such-host: [a-z_]+: /);
    expect(group).toMatch(/^exit 0 · [^\n]* · one\/1\nexit 0 · [^\n]* · two\/1\nsame$/);
    expect(summary).toBe("3 targets: 1 not run, 2 exit 0");
  });

  it("ends a command at its limit", async () => {
    const reply = await bench.run("echo before; sleep 600", { timeout_s: 1, wait_s: 60 });
    expect(reply.firstLine).toMatch(/^timed out · /);
    expect(reply.stdout).toBe("before\n");
  });
});
