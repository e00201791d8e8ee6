import { describe, expect, it } from "vitest";
import { every } from "../base/index.ts";
import { toolBench } from "../../test/mcp/call.ts";
import { cancelledByCaller } from "./cancel.ts";

describe("ssh_run", () => {
  it("replies with the state line, stdout, and stderr under its heading", async () => {
    const bench = toolBench((command) => command.print("out\n").print("err\n", "stderr").end(3));
    const reply = await bench.call("ssh_run", { on: "web1", command: "x" });
    expect(reply).toEqual({ text: "exit 3 · 0.1 s · web1:/srv/app · web1/1\nout\n--- stderr\nerr\n", isError: false });
  });

  it("hands a long command over with the offsets to go on from", async () => {
    const bench = toolBench((command) => command.print("abc\n"));
    const reply = await bench.call("ssh_run", { on: "web1", command: "x", wait_s: 0.05 });
    expect(reply.text).toBe(
      'running · 0.1 s · web1:/srv/app · web1/1 · next: ssh_read {"command":"web1/1","from":4}\nabc\n',
    );
    bench.commands[0]?.print("oops\n", "stderr");
    const later = await bench.call("ssh_read", { command: "web1/1", from: 4, wait_s: 0 });
    expect(later.text).toBe(
      'running · 0.1 s · web1:/srv/app · web1/1 · next: ssh_read {"command":"web1/1","from":4,"from_stderr":5}\n--- stderr\noops\n',
    );
  });

  it.each([
    [{ kind: "signalled", signal: "KILL" } as const, "signal KILL", false],
    [{ kind: "stopped", signal: "INT" } as const, "signal INT", false],
    [{ kind: "timed_out" } as const, "timed out", false],
    [{ kind: "lost", reason: "the host rebooted" } as const, "lost", true],
  ])("shows %j as %j", async (state, word, isError) => {
    const bench = toolBench((command) => command.end(state));
    const reply = await bench.call("ssh_run", { on: "web1", command: "x" });
    expect(reply.text.split(" · ")[0]).toBe(word);
    expect(reply.isError).toBe(isError);
    if (isError) expect(reply.text).toContain("the host rebooted; the outcome is unknown");
  });

  it.each([
    ["", "bad_input: the command is empty"],
    [" \n", "bad_input: the command is empty"],
    ["a\u0000b", "bad_input: the command holds a NUL character"],
  ])("refuses the command %j", async (command, start) => {
    const bench = toolBench(() => undefined);
    const reply = await bench.call("ssh_run", { on: "web1", command });
    expect(reply.isError).toBe(true);
    expect(reply.text.startsWith(start)).toBe(true);
    expect(reply.text.split("\n")).toHaveLength(1);
    expect(bench.commands).toHaveLength(0);
  });

  it("names an unknown argument and lists the known ones", async () => {
    const reply = await toolBench(() => undefined).call("ssh_run", { on: "web1", comand: "x" });
    expect(reply.text).toMatch(/^bad_input: ssh_run does not know "comand"\. Known: on, command, wait_s, /);
    const missing = await toolBench(() => undefined).call("ssh_run", { on: "web1" });
    expect(missing.text).toBe('bad_input: ssh_run cannot take "command": it is missing. command: shell text.');
  });

  it.each([-1, 3601, "5", null, Number.NaN])("refuses wait_s %j", async (wait) => {
    const reply = await toolBench(() => undefined).call("ssh_run", { on: "web1", command: "x", wait_s: wait });
    expect(reply.text).toMatch(/^bad_input: ssh_run cannot take "wait_s": /);
  });

  it("starts in the background and replies at once, with the notes of the command", async () => {
    const seen: unknown[] = [];
    const bench = toolBench((command, request) => {
      seen.push(request);
      command.notes.push("beside web1/7");
    });
    const reply = await bench.call("ssh_run", { on: "web1", command: "x", background: true });
    expect(reply.text).toBe(
      'running · 0.1 s · web1:/srv/app · web1/1 · beside web1/7 · next: ssh_read {"command":"web1/1","from":0}',
    );
    expect(seen).toEqual([{ command: "x", background: true }]);
    expect(bench.commands[0]?.asked).toBe(0);
  });

  it.each([
    [{ pty: true, stdin: "x" }, /^bad_input: stdin has no end on a terminal; nothing was run\. /],
    [{ cols: 80 }, /^bad_input: cols and rows are those of a terminal; nothing was run\. /],
    [{ pty: true, cols: 0 }, /^bad_input: /],
    [{ pty: true, rows: 100_000 }, /^bad_input: /],
  ])("refuses what a terminal cannot be: %j", async (extra, why) => {
    const bench = toolBench(() => undefined);
    const reply = await bench.call("ssh_run", { on: "web1", command: "x", ...extra });
    expect(reply.text).toMatch(why);
    expect(bench.commands).toHaveLength(0);
  });

  it.each(["", "/a\u0000b", "/".repeat(4_097)])("refuses the directory %j", async (cwd) => {
    const bench = toolBench(() => undefined);
    const reply = await bench.call("ssh_run", { on: "web1", command: "x", cwd });
    expect(reply.text).toMatch(/^bad_input: .* is no working directory\. /);
    expect(bench.commands).toHaveLength(0);
  });

  it.each([
    [true, { sudo: "root" }],
    ["www", { sudo: "www" }],
    [false, {}],
  ])("passes sudo %j on as the user", async (sudo, said) => {
    const seen: unknown[] = [];
    const bench = toolBench((command, request) => {
      seen.push(request);
      command.end({ kind: "exited", status: 0 });
    });
    await bench.call("ssh_run", { on: "web1", command: "x", sudo });
    expect(seen).toEqual([{ command: "x", ...said }]);
  });

  it("passes cwd, env, stdin and the time limit on", async () => {
    const seen: unknown[] = [];
    const bench = toolBench((command, request) => {
      seen.push(request);
      command.end(0);
    });
    await bench.call("ssh_run", { on: "web1", command: "x", cwd: "/a", env: { A: "1" }, stdin: "in", timeout_s: 2 });
    expect(seen).toEqual([{ command: "x", cwd: "/a", env: { A: "1" }, stdin: "in", timeoutMs: 2_000 }]);
  });
});

describe("ssh_run of a command that reads its input", () => {
  const waiting =
    'waiting for input · 0.1 s · web1:/srv/app · web1/1 · next: ssh_input {"command":"web1/1","text":"..."}\n';

  it("says so when the wait is over", async () => {
    const bench = toolBench((command) => {
      command.print("name? \n").blocked = true;
    });
    const reply = await bench.call("ssh_run", { on: "web1", command: "x", wait_s: 0.1 });
    expect(reply).toEqual({ text: `${waiting}name? \n`, isError: false });
  });

  it.concurrent("comes back early after silence, when the host has said so twice", async () => {
    const bench = toolBench((command) => {
      command.print("name? \n").blocked = true;
    });
    const startedMs = performance.now();
    const reply = await bench.call("ssh_run", { on: "web1", command: "x", wait_s: 60 });
    expect(reply.text).toBe(`${waiting}name? \n`);
    expect(performance.now() - startedMs).toBeGreaterThan(4_500);
    expect(performance.now() - startedMs).toBeLessThan(30_000);
    expect(bench.commands[0]?.asked).toBeLessThanOrEqual(3);
  });

  it.concurrent("stays with a command that prints now and then", async () => {
    const bench = toolBench((command) => {
      command.blocked = true;
      let printed = 0;
      const stop = every(900, () => {
        printed += 1;
        if (printed < 6) command.print("tick\n");
        else stop();
        if (printed === 6) command.end(0);
      });
    });
    expect((await bench.call("ssh_run", { on: "web1", command: "x", wait_s: 60 })).text).toMatch(/^exit 0 /);
  });

  it.concurrent("stays with a command that works in silence", async () => {
    const silent = toolBench(() => undefined);
    expect((await silent.call("ssh_run", { on: "web1", command: "x", wait_s: 6 })).text).toMatch(/^running /);
    expect(silent.commands[0]?.asked).toBeLessThanOrEqual(3);
  });

  it("does not ask where the input was given with the call", async () => {
    const bench = toolBench((command) => {
      command.blocked = true;
    });
    const args = { on: "web1", command: "x", stdin: "all", wait_s: 0.1 };
    expect((await bench.call("ssh_run", args)).text).toMatch(/^running /);
    expect(bench.commands[0]?.asked).toBe(0);
  });

  it("counts it among several targets", async () => {
    const bench = toolBench((command) => {
      command.blocked = command.id.startsWith("web1");
    });
    const reply = await bench.call("ssh_run", { on: ["web1", "web2"], command: "x", wait_s: 0.1 });
    expect(reply.text).toMatch(/\n\n2 targets: 1 waiting for input, 1 running$/);
  });
});

describe("ssh_run with a key", () => {
  it("runs once, also for calls at the same time", async () => {
    const bench = toolBench((command) => command.print("once\n").end(0));
    const call = (): Promise<{ text: string }> => bench.call("ssh_run", { on: "web1", command: "x", key: "k" });
    const replies = await Promise.all([call(), call(), call()]);
    expect(bench.commands).toHaveLength(1);
    for (const reply of replies) expect(reply.text).toContain("web1/1");
    expect((await call()).text).toContain("attached by key");
  });

  it("refuses another command under the same key", async () => {
    const bench = toolBench((command) => command.end(0));
    await bench.call("ssh_run", { on: "web1", command: "x", key: "k" });
    const reply = await bench.call("ssh_run", { on: "web1", command: "y", key: "k" });
    expect(reply.text).toMatch(/^bad_input: the key "k" was used for another command in web1\./);
    expect(bench.commands).toHaveLength(1);
  });
});

describe("ssh_run on several targets", () => {
  it("groups equal results, shows failures first and sums up", async () => {
    const bench = toolBench((command) => {
      const bad = command.id.startsWith("web3");
      command.print(bad ? "broken\n" : "fine\n").end(bad ? 1 : 0);
    });
    const reply = await bench.call("ssh_run", { on: ["web1", "no-host", "web3", "web2"], command: "x" });
    expect(reply).toEqual({
      isError: false,
      text: [
        "no-host: dial_failed: no-host refused the connection. Check the port.",
        "exit 1 · 0.1 s · web3:/srv/app · web3/1\nbroken",
        "exit 0 · 0.1 s · web1:/srv/app · web1/1\nexit 0 · 0.1 s · web2:/srv/app · web2/1\nfine",
        "4 targets: 1 not run, 1 exit 1, 2 exit 0",
      ].join("\n\n"),
    });
  });

  it("keeps to the budget and never takes cut outputs for equal", async () => {
    const bench = toolBench((command) =>
      command
        .print(`${"x".repeat(50)}\n`.repeat(1_000))
        .print(`${command.id}\n`)
        .end(0),
    );
    const reply = await bench.call("ssh_run", { on: ["web1", "web2"], command: "x", max_output: 2_000 });
    expect(reply.text.length).toBeLessThan(2_100);
    expect(reply.text.match(/left out · next: ssh_read/g)).toHaveLength(2);
  });

  it("is an error when it ran nowhere", async () => {
    const reply = await toolBench(() => undefined).call("ssh_run", { on: ["no-a", "no-b"], command: "x" });
    expect(reply.isError).toBe(true);
  });
});

describe("ssh_run, cancelled", () => {
  it("does not start when the call was cancelled before", async () => {
    const bench = toolBench(() => undefined);
    const reply = await bench.call(
      "ssh_run",
      { on: "web1", command: "x" },
      { signal: AbortSignal.abort(cancelledByCaller) },
    );
    expect(reply.text).toMatch(/^cancelled: /);
    expect(bench.commands).toHaveLength(0);
  });

  it.each([
    [cancelledByCaller, ["INT"]],
    ["connection closed", []],
  ])("with reason %s sends %j", async (reason, signals) => {
    const controller = new AbortController();
    const bench = toolBench(() => {
      setImmediate(() => controller.abort(reason));
    });
    const reply = await bench.call("ssh_run", { on: "web1", command: "x", wait_s: 60 }, { signal: controller.signal });
    expect(reply.text).toMatch(/^running/);
    expect(bench.commands[0]?.signals).toEqual(signals);
  });

  it("tells the last line of output while it waits, at most once a second", async () => {
    const messages: string[] = [];
    const bench = toolBench((command) => {
      let n = 0;
      const timer = setInterval(() => {
        n += 1;
        command.print(`\u001B[1mline ${n}\u001B[0m\n`);
        if (n < 25) return;
        clearInterval(timer);
        command.end(0);
      }, 100);
    });
    await bench.call("ssh_run", { on: "web1", command: "x" }, { progress: (message) => messages.push(message) });
    expect(messages.length).toBeGreaterThan(0);
    expect(messages.length).toBeLessThanOrEqual(3);
    for (const message of messages) expect(message).toMatch(/^line \d+$/);
  });
});
