import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { monotonicMs } from "../../src/base/index.ts";
import { openLiveBench, type LiveBench } from "./live-bench.ts";

let bench: LiveBench;
beforeAll(async () => {
  bench = await openLiveBench();
});
afterAll(() => bench.remove());

const asks = 'printf "name? "; read name; printf "age? "; read age; echo "$name is $age"';

describe("a command that reads its input", () => {
  it.each([
    ["in the shell", {}],
    ["in the background", { background: true, wait_s: 60 }],
  ])("is seen to wait %s, long before wait_s is over", async (_where, more) => {
    const startedMs = monotonicMs();
    const reply = await bench.run(asks, { wait_s: 60, ...more });
    expect(reply.firstLine).toMatch(/^waiting for input · \d[^·]* · box:\S+ · box\/\d+ .*· next: ssh_input \{/);
    expect(reply.next).toEqual({ tool: "ssh_input", args: { command: reply.id, text: "..." } });
    expect(reply.stdout).toBe("name? ");
    expect(monotonicMs() - startedMs).toBeLessThan(30_000);
    const second = await bench.call("ssh_input", { command: reply.id, text: "Ada", keys: ["Enter"], wait_s: 20 });
    expect(second.state).toBe("waiting for input");
    expect(second.stdout).toBe("age? ");
    const third = await bench.call("ssh_input", { command: reply.id, text: "36\n", wait_s: 20 });
    const last = third.state === "running" ? await bench.call("ssh_read", { command: reply.id }) : third;
    expect(last.state).toBe("exit 0");
    expect(last.stdout).toContain("Ada is 36\n");
  });

  it("is seen to wait when wait_s is over, and by a look without waiting", async () => {
    const reply = await bench.run("cat", { wait_s: 1.5 });
    expect(reply.state).toBe("waiting for input");
    expect((await bench.call("ssh_read", { command: reply.id, wait_s: 0 })).state).toBe("waiting for input");
    const grep = await bench.call("ssh_read", { command: reply.id, wait_s: 0, grep: "x" });
    expect(grep.state).toBe("waiting for input");
    const ended = await bench.call("ssh_input", {
      command: reply.id,
      text: "one\n",
      keys: ["Tab"],
      eof: true,
      wait_s: 20,
    });
    expect(ended.state).toBe("exit 0");
    expect(ended.stdout).toBe("one\n\t");
  });

  it.concurrent.each([
    ["sleeps", "sleep 600"],
    ["reads a pipe of its own", "sleep 600 | cat"],
    ["reads a file that never ends", "tail -f /dev/null"],
    ["computes", "while :; do :; done"],
  ])("is not said of one that %s", async (what, command) => {
    const session = what.replaceAll(" ", "-");
    await bench.call("ssh_open", { target: bench.server.alias, name: session });
    const reply = await bench.run(command, { on: session, wait_s: 6 });
    expect(reply.state).toBe("running");
    expect((await bench.call("ssh_stop", { command: reply.id, escalate: true })).state).toMatch(/^signal /);
  });

  it("is not said of one whose input was given with the call", async () => {
    const reply = await bench.run("cat; sleep 600", { stdin: "given", wait_s: 2 });
    expect(reply.state).toBe("running");
    expect(reply.stdout).toBe("given");
    await bench.call("ssh_stop", { command: reply.id });
  });
});

describe("keys", () => {
  it("interrupt and end the input", async () => {
    const interrupted = await bench.start("trap 'echo caught; exit 9' INT; while :; do sleep 0.1; done");
    await bench.call("ssh_read", { command: interrupted, wait_s: 0.5 });
    const reply = await bench.call("ssh_input", { command: interrupted, keys: ["C-c"], wait_s: 20 });
    expect(`${reply.state} ${reply.stdout}`).toBe("exit 9 caught\n");
    const counting = await bench.start("wc -c");
    const counted = await bench.call("ssh_input", { command: counting, text: "12345", keys: ["C-d"], wait_s: 20 });
    expect(counted.stdout.trim()).toBe("5");
  });

  it("that need a terminal are refused before anything is typed", async () => {
    const id = await bench.start("cat");
    const reply = await bench.call("ssh_input", { command: id, text: "not typed\n", keys: ["F5"] });
    expect(reply.text).toMatch(/^bad_input: "F5" needs a terminal/);
    const rest = await bench.call("ssh_input", { command: id, eof: true, wait_s: 20 });
    expect(`${rest.state}${rest.stdout}`).toBe("exit 0");
    const late = await bench.call("ssh_input", { command: id, text: "late\n" });
    expect(late.text).toMatch(/^stdin_closed: /);
  });

  it("carry 1 MB of text through", async () => {
    const id = await bench.start("wc -c");
    const reply = await bench.call("ssh_input", { command: id, text: "x".repeat(1_000_000), eof: true, wait_s: 60 });
    expect(reply.stdout.trim()).toBe("1000000");
  });
});
