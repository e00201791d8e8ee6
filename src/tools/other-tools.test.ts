import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { toolBench, type ToolBench } from "../../test/mcp/call.ts";
import { openConfig } from "../config/index.ts";

async function running(): Promise<ToolBench> {
  const bench = toolBench(() => undefined);
  await bench.call("ssh_run", { on: "web1", command: "cat", wait_s: 0 });
  return bench;
}

describe("ssh_input", () => {
  it("types, waits for the answer and shows only what is new", async () => {
    const bench = await running();
    const [command] = bench.commands;
    command?.print("prompt\n");
    if (command !== undefined) command.onInput = (text) => void setTimeout(() => command.print(`got ${text}`), 20);
    const reply = await bench.call("ssh_input", { command: "web1/1", text: "hi\n", wait_s: 30 });
    expect(reply.text).toMatch(/^running [^\n]*"from":14\}\ngot hi\n$/);
  });

  it("sends end of file and waits for the end", async () => {
    const bench = await running();
    const [command] = bench.commands;
    if (command !== undefined) command.onEof = () => void setTimeout(() => command.end(0), 20);
    expect((await bench.call("ssh_input", { command: "web1/1", text: "last", eof: true, wait_s: 30 })).text).toMatch(
      /^exit 0/,
    );
    expect(command?.inputs).toEqual(["last"]);
    expect((await bench.call("ssh_input", { command: "web1/1", text: "more" })).text).toMatch(/^stdin_closed: /);
  });

  it("takes the keys that mean something without a terminal and lists them", async () => {
    const bench = await running();
    await bench.call("ssh_input", { command: "web1/1", keys: ["Enter", "x", "C-c", "C-d"], wait_s: 0 });
    const [command] = bench.commands;
    expect([command?.inputs, command?.signals, command?.eofs]).toEqual([["\nx"], ["INT"], 1]);
    expect((await bench.call("ssh_input", { command: "web1/1", keys: ["F5"] })).text).toBe(
      'bad_input: "F5" needs a terminal, and the command has none; nothing was typed. Without a terminal there are Enter, Tab, C-c, C-d, and text; ssh_run {"pty":true} gives one.',
    );
    for (const key of ["Escape", "Up", "C-z", "M-x", "C-S-t", "C-Right"]) {
      const reply = await bench.call("ssh_input", { command: "web1/1", text: "typed?", keys: ["Enter", key] });
      expect(reply.text).toContain(`"${key}" needs a terminal`);
    }
    for (const key of ["enter", "toString", "", "Ctrl+C"]) {
      const reply = await bench.call("ssh_input", { command: "web1/1", keys: [key] });
      expect(reply.text).toMatch(/^bad_input: there is no key ".*"; nothing was typed\. Known: Enter, /);
    }
    expect(command?.inputs).toEqual(["\nx"]);
    expect((await bench.call("ssh_input", { command: "web1/1" })).text).toMatch(
      /^bad_input: ssh_input was given nothing to type\. /,
    );
  });
});

describe("ssh_input, text and keys together", () => {
  it("types the text, then the keys, then the end of file, in as few pieces as there can be", async () => {
    const bench = await running();
    const keys = ["Enter", "Tab", "C-c", "Enter", "C-d"];
    await bench.call("ssh_input", { command: "web1/1", text: "one", keys, wait_s: 0 });
    const [command] = bench.commands;
    expect([command?.inputs, command?.signals, command?.eofs]).toEqual([["one\n\t", "\n"], ["INT"], 1]);
  });

  it("says that the command waits for more", async () => {
    const bench = await running();
    const [command] = bench.commands;
    if (command !== undefined) {
      command.blocked = true;
      command.onInput = () => void command.print("next? ");
    }
    const reply = await bench.call("ssh_input", { command: "web1/1", text: "hi\n", wait_s: 30 });
    expect(reply.text).toBe(
      'waiting for input · 0.1 s · web1:/srv/app · web1/1 · next: ssh_input {"command":"web1/1","text":"..."}\nnext? ',
    );
  });
});

describe("ssh_stop", () => {
  it("interrupts and replies with the final state and the output so far", async () => {
    const bench = await running();
    const [command] = bench.commands;
    command?.print("so far\n");
    if (command !== undefined) {
      command.onStop = (signal) => void setTimeout(() => command.end({ kind: "stopped", signal }), 20);
    }
    expect((await bench.call("ssh_stop", { command: "web1/1" })).text).toMatch(/^signal INT [^\n]*\nso far\n$/);
    expect((await bench.call("ssh_stop", { command: "web1/1" })).text).toMatch(
      /^signal INT [^\n]*had already ended\nso far\n$/,
    );
    expect(command?.signals).toEqual(["INT"]);
  });

  it.concurrent("escalates from TERM to KILL", async () => {
    const bench = await running();
    const [command] = bench.commands;
    if (command !== undefined) {
      command.onStop = (signal) => void (signal === "KILL" && command.end({ kind: "stopped", signal }));
    }
    const reply = await bench.call("ssh_stop", { command: "web1/1", signal: "TERM", escalate: true });
    expect(reply.text).toMatch(/^signal KILL/);
    expect(command?.signals).toEqual(["TERM", "KILL"]);
  });

  it.each(["STOP", "CONT"])("sends %s and replies at once", async (signal) => {
    const bench = await running();
    const startedMs = performance.now();
    expect((await bench.call("ssh_stop", { command: "web1/1", signal })).text).toMatch(
      new RegExp(`^running · [^\n]* · ${signal} was sent · next: ssh_read `),
    );
    expect(performance.now() - startedMs).toBeLessThan(1_000);
    expect(bench.commands[0]?.signals).toEqual([signal]);
  });

  it("shows what a command prints of USR1", async () => {
    const bench = await running();
    const [command] = bench.commands;
    if (command !== undefined) command.onStop = () => void command.print("1 block copied\n", "stderr");
    expect((await bench.call("ssh_stop", { command: "web1/1", signal: "USR1" })).text).toMatch(
      /^running · [^\n]* · USR1 was sent · [^\n]*\n--- stderr\n1 block copied\n$/,
    );
  });

  it.concurrent.each(["HUP", "QUIT"])("escalates from %s over TERM to KILL", async (signal) => {
    const bench = await running();
    const [command] = bench.commands;
    if (command !== undefined) {
      command.onStop = (sent) => void (sent === "TERM" && command.end({ kind: "signalled", signal: sent }));
    }
    const reply = await bench.call("ssh_stop", { command: "web1/1", signal, escalate: true });
    expect(reply.text).toMatch(/^signal TERM · [^·]* · [^·]* · web1\/1$/);
    expect(command?.signals).toEqual([signal, "TERM"]);
  });

  it("refuses to escalate from a signal that ends nothing, and signals that do not exist", async () => {
    const bench = await running();
    for (const signal of ["STOP", "CONT", "USR1", "USR2"]) {
      expect((await bench.call("ssh_stop", { command: "web1/1", signal, escalate: true })).text).toMatch(
        new RegExp(`^bad_input: ssh_stop cannot escalate from ${signal}: `),
      );
    }
    expect((await bench.call("ssh_stop", { command: "web1/1", signal: "FOO" })).text).toMatch(
      /^bad_input: ssh_stop cannot take "signal": /,
    );
    expect(bench.commands[0]?.signals).toEqual([]);
  });
});

describe("ssh_open, ssh_list and ssh_close", () => {
  it("opens, lists and closes", async () => {
    const bench = toolBench(() => undefined);
    expect((await bench.call("ssh_list", {})).text).toBe("0 sessions · ssh_run opens one");
    const opened = await bench.call("ssh_open", {
      target: "web1",
      name: "build",
      owner: "me",
      password: "secret",
      connect_timeout_s: 5,
    });
    expect(opened).toEqual({
      text: "open · build · deploy@web1:22 · Linux 6.1 x86_64, bash · survives disconnects: yes",
      isError: false,
    });
    expect(bench.sessions.opened).toEqual([
      { target: "web1", name: "build", owner: "me", password: "secret", carrier: "host", connectTimeoutMs: 5_000 },
    ]);
    await bench.call("ssh_run", { on: "build", command: "sleep 100\n\u001B[31m", wait_s: 0 });
    expect((await bench.call("ssh_list", {})).text).toBe(
      "1 session\nbuild · attached · deploy@web1:22:/srv/app · since just now · owner me · running build/1",
    );
    expect((await bench.call("ssh_list", { what: "commands" })).text).toBe(
      "1 command\nbuild/1 · running · 0.1 s · sleep 100",
    );
    expect((await bench.call("ssh_list", { what: "targets" })).text).toBe(
      "1 target\nweb1 · the first web server · @web · config.yaml",
    );
    expect((await bench.call("ssh_close", { session: "build" })).text).toBe("closed · build · stopped build/1");
    expect((await bench.call("ssh_close", { session: "build" })).text).toMatch(/^session_unknown: /);
  });

  it("closes all, or all of one owner", async () => {
    const bench = toolBench(() => undefined);
    for (const [name, owner] of [
      ["a", "me"],
      ["b", "you"],
      ["c", "me"],
    ] as const) {
      await bench.call("ssh_open", { target: "web1", name, owner });
    }
    expect((await bench.call("ssh_close", { all: true, owner: "me" })).text).toBe(
      "closed · a · no command was running\nclosed · c · no command was running",
    );
    expect((await bench.call("ssh_close", {})).text).toMatch(
      /^bad_input: ssh_close needs a session, a tunnel, or all:true\. /,
    );
    expect((await bench.call("ssh_close", { all: true })).text).toBe("closed · b · no command was running");
    expect((await bench.call("ssh_close", { all: true })).text).toBe("closed · no sessions");
  });

  it.each(["a/b", "a\nb", "", ".a", "-a", "ü", "x".repeat(65)])("refuses the session name %j", async (name) => {
    const bench = toolBench(() => undefined);
    const reply = await bench.call("ssh_open", { target: "web1", name });
    expect(reply.text).toMatch(/^bad_input: .* is no name for a session\. /);
    expect(reply.text.split("\n")).toHaveLength(1);
    expect(bench.sessions.opened).toEqual([]);
  });

  it.each(["", "-oProxyCommand=x", "a\nb", "a\u0000"])("refuses the target %j", async (target) => {
    const bench = toolBench(() => undefined);
    expect((await bench.call("ssh_open", { target })).text).toMatch(/^bad_input: .* names no session or target\. /);
    expect((await bench.call("ssh_run", { on: target, command: "x" })).text).toMatch(
      /^bad_input: .* names no session or target\. /,
    );
    expect(bench.sessions.opened).toEqual([]);
  });

  it.each([
    [{}, "host"],
    [{ kind: "shell" }, "host"],
    [{ keep: "connection" }, "connection"],
    [{ kind: "exec" }, "exec"],
  ])("opens with %j what is carried by %s", async (extra, carrier) => {
    const bench = toolBench(() => undefined);
    await bench.call("ssh_open", { target: "web1", ...extra });
    expect(bench.sessions.opened).toEqual([{ target: "web1", carrier }]);
  });

  it("passes on what goes before the settings of the target", async () => {
    const bench = toolBench(() => undefined);
    const args = { jump: ["me@gate:23"], compress: true, retries: 2, connect_timeout_s: 3, key_file: "~/.ssh/k" };
    await bench.call("ssh_open", { target: "web1", ...args });
    expect(bench.sessions.opened).toEqual([
      {
        target: "web1",
        carrier: "host",
        jump: ["me@gate:23"],
        compression: true,
        retries: 2,
        connectTimeoutMs: 3_000,
        keyFile: "~/.ssh/k",
      },
    ]);
  });

  it("takes no secrets where the settings refuse them, and names none", async () => {
    const file = join(mkdtempSync(join(tmpdir(), "hf-tools-")), "config.yaml");
    writeFileSync(file, "secrets: { in_calls: refuse }\n", { mode: 0o600 });
    try {
      const bench = toolBench(() => undefined, undefined, openConfig({ HOLDFAST_CONFIG: file }));
      for (const name of ["password", "passphrase", "sudo_password", "enable_password"]) {
        const reply = await bench.call("ssh_open", { target: "web1", [name]: "hunter2" });
        expect(reply).toMatchObject({ isError: true, text: expect.stringMatching(`^denied_by_policy: .*"${name}"`) });
        expect(reply.text).not.toContain("hunter2");
      }
      expect(bench.sessions.opened).toEqual([]);
      expect((await bench.call("ssh_open", { target: "web1" })).isError).toBe(false);
    } finally {
      rmSync(dirname(file), { recursive: true });
    }
  });

  it("takes whoever names a platform, or the kind, for one who means a network device", async () => {
    const bench = toolBench(() => undefined);
    await bench.call("ssh_open", { target: "web1", kind: "device", enable_password: "x" });
    await bench.call("ssh_open", { target: "web1", platform: "cisco_ios" });
    expect(bench.sessions.opened).toEqual([
      { target: "web1", carrier: "device", enablePassword: "x" },
      { target: "web1", carrier: "device", platform: "cisco_ios" },
    ]);
  });

  it.each([
    { kind: "device", cwd: "/tmp" },
    { kind: "device", env: { A: "1" } },
    { kind: "shell", platform: "cisco_ios" },
    { kind: "exec", platform: "cisco_ios" },
  ])("refuses what does not go together: %j", async (extra) => {
    const bench = toolBench(() => undefined);
    const reply = await bench.call("ssh_open", { target: "web1", ...extra });
    expect(reply.text).toMatch(/^bad_input: (?:cwd|env|platform) does not go with kind "/);
    expect(bench.sessions.opened).toEqual([]);
  });
});
