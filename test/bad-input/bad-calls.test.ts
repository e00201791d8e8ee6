import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { monotonicMs, randomHex } from "../../src/base/index.ts";
import { Cleanup } from "../helpers/cleanup.ts";
import { Holdfast } from "../helpers/holdfast.ts";
import { createPrivatePlace } from "../helpers/private-place.ts";
import { startOpenSsh } from "../helpers/servers/index.ts";
import { badCalls } from "./bad-calls.ts";
import { badFileCalls } from "./bad-file-calls.ts";
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
});

afterAll(() => cleanup.run());

function filledIn(value: unknown): unknown {
  if (typeof value !== "string") return value;
  return value.replace("SESSION", session).replace("FINISHED", finished).replace("RUNNING", running);
}

describe("bad calls", () => {
  test.each([...badCalls, ...badFileCalls].map((call) => [call.name, call] as const))("%s", async (_name, call) => {
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
  });

  test("the server and the session answer afterwards, and the running command still runs", async () => {
    const still = await server().call("ssh_read", { command: running, wait_s: 0 });
    expect(still.state).toMatch(/^(?:running|waiting for input)$/);
    await server().call("ssh_input", { command: running, eof: true });
    expect((await server().call("ssh_read", { command: running, wait_s: 20 })).state).toBe("exit 0");
    for (const name of [session, busySession]) {
      expect(await server().run(name, "echo alive")).toMatchObject({ state: "exit 0", stdout: "alive\n" });
    }
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
