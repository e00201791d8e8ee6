import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { monotonicMs, randomHex } from "../../src/base/index.ts";
import { Cleanup } from "../helpers/cleanup.ts";
import { Holdfast } from "../helpers/holdfast.ts";
import { createPrivatePlace } from "../helpers/private-place.ts";
import { startOpenSsh } from "../helpers/servers/index.ts";
import { badCalls } from "./bad-calls.ts";
import { badFileCalls } from "./bad-file-calls.ts";
import { badTerminalCalls } from "./bad-terminal-calls.ts";
import { wrongError } from "./one-line-error.ts";

/** Prompt, on a slow machine, with a name that the resolver has to give up. */
const promptMs = 8_000;

const cleanup = new Cleanup();
const session = `bad${randomHex(4)}`;
/** Has a command that runs. */
const busySession = `${session}-busy`;
let holdfast: Holdfast | undefined;
let finished = "";
let running = "";
/** Runs on a terminal, and shows what is typed. */
let terminal = "";

function server(): Holdfast {
  if (holdfast === undefined) throw new Error("the server was not started");
  return holdfast;
}

beforeAll(async () => {
  const sshd = await startOpenSsh({ alias: "box" });
  cleanup.add(() => sshd.stop());
  const place = await createPrivatePlace(sshd.sshConfigFile);
  cleanup.add(() => place.remove());
  holdfast = await Holdfast.start(place);
  cleanup.add(() => server().stop());
  for (const name of [session, busySession]) {
    cleanup.add(() => server().closeSession(name));
    const opened = await server().call("ssh_open", { target: "box", name });
    if (opened.isError) throw new Error(opened.text);
  }
  finished = (await server().run(session, "echo hello")).id ?? "";
  running = (await server().run(busySession, "cat", { wait_s: 0 })).id ?? "";
  terminal =
    (await server().run(busySession, "stty raw; printf 'up\\r\\n'; cat -v", { pty: true, wait_s: 0 })).id ?? "";
  await server().call("ssh_read", { command: terminal, until: "text", grep: "^up", wait_s: 30 });
});

afterAll(() => cleanup.run());

function filledIn(value: unknown): unknown {
  if (typeof value !== "string") return value;
  return value
    .replace("SESSION", session)
    .replace("FINISHED", finished)
    .replace("RUNNING", running)
    .replace("TERMINAL", terminal);
}

describe("bad calls", () => {
  test.each([...badCalls, ...badFileCalls, ...badTerminalCalls].map((call) => [call.name, call] as const))(
    "%s",
    async (_name, call) => {
      const args = Object.fromEntries(Object.entries(call.args).map(([name, value]) => [name, filledIn(value)]));
      const startedAt = monotonicMs();
      const reply = await server().call(call.tool, args);
      const tookMs = monotonicMs() - startedAt;
      const mentions =
        call.mentions?.map((mention) =>
          typeof mention === "string" ? mention.replace("FINISHED", finished) : mention,
        ) ?? [];
      expect(wrongError(reply, { ...call, mentions })).toBeUndefined();
      expect(tookMs).toBeLessThan(promptMs);
    },
  );

  test("the server and the session answer afterwards, and the running command still runs", async () => {
    const still = await server().call("ssh_read", { command: running, wait_s: 0 });
    expect(still.state).toMatch(/^(?:running|waiting for input)$/);
    await server().call("ssh_input", { command: running, eof: true });
    expect((await server().call("ssh_read", { command: running, wait_s: 20 })).state).toBe("exit 0");
    for (const name of [session, busySession]) {
      expect(await server().run(name, "echo alive")).toMatchObject({ state: "exit 0", stdout: "alive\n" });
    }
  });

  test("the terminal is as it was, and nothing was typed into it", async () => {
    const shown = await server().call("ssh_read", { command: terminal, stream: "screen" });
    expect(shown.text).toMatch(/\nscreen 120x40 · [^\n]*\nup\n$/);
    await server().call("ssh_input", { command: terminal, text: "typed", wait_s: 0 });
    const typed = { command: terminal, stream: "screen", until: "text", grep: "^typed$", wait_s: 30 };
    expect((await server().call("ssh_read", typed)).text).toContain("\ntyped");
    await server().call("ssh_stop", { command: terminal, signal: "KILL" });
  });

  test("nothing of it was opened", async () => {
    const list = await server().call("ssh_list", {});
    const names = list.text.split("\n").filter((line) => /\bbox\b/.test(line));
    expect(names.filter((line) => !line.includes(session))).toEqual([]);
  });
});

test("a grep that explodes is bounded, and others are answered meanwhile", async () => {
  const printed = await server().run(session, "printf '%s!\\n' aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
  const startedAt = monotonicMs();
  const exploding = server().call("ssh_read", { command: printed.id ?? "", grep: "^(a+)+$" });
  expect((await server().call("ssh_list", {})).isError).toBe(false);
  expect(monotonicMs() - startedAt).toBeLessThan(promptMs);
  const reply = await exploding;
  expect(monotonicMs() - startedAt).toBeLessThan(promptMs);
  const refusal = { codes: ["bad_input", "timed_out", "limit_reached"], mentions: ["grep"] } as const;
  expect(reply.isError ? wrongError(reply, refusal) : reply.stdout || undefined).toBeUndefined();
});
