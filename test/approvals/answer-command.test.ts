import { spawn } from "node:child_process";
import { once } from "node:events";
import { text as readAll } from "node:stream/consumers";
import { afterEach, expect, it } from "vitest";
import { daemonFace, runDaemon } from "../../src/daemon/index.ts";
import { Cleanup } from "../helpers/cleanup.ts";
import { daemonOf, daemonPid, environmentOf } from "../helpers/daemon.ts";
import { eventually } from "../helpers/eventually.ts";
import { builtServer } from "../helpers/holdfast.ts";
import { createPrivatePlace, type PrivatePlace } from "../helpers/private-place.ts";
import { questionScene } from "./question-scene.ts";
import { Terminal } from "./terminal.ts";

const cleanup = new Cleanup();
afterEach(() => cleanup.run());

type Desk = ReturnType<typeof questionScene>["desk"];

/** A daemon whose desk the test holds, and its place. */
async function daemon(): Promise<{ readonly desk: Desk; readonly place: PrivatePlace }> {
  const place = await createPrivatePlace("/dev/null");
  cleanup.add(() => place.remove());
  const scene = questionScene({ login: () => Promise.resolve() });
  cleanup.add(() => scene.end());
  const stop = new AbortController();
  const parts = {
    place: daemonOf(place),
    face: async () => daemonFace(scene.open),
    idleMs: 600_000,
    signal: stop.signal,
  };
  const running = runDaemon(parts);
  cleanup.add(async () => {
    stop.abort();
    await running;
  });
  await eventually("the daemon", 60_000, async () => daemonPid(place).catch(() => undefined));
  return { desk: scene.desk, place };
}

function answer(place: PrivatePlace, args: readonly string[] = [], env: Record<string, string> = {}): Terminal {
  const terminal = new Terminal([process.execPath, builtServer, "answer", ...args], {
    ...environmentOf(place),
    ...env,
  });
  cleanup.add(() => terminal.close());
  return terminal;
}

/** Runs it without a terminal. */
async function run(place: PrivatePlace, args: readonly string[], input = ""): Promise<string> {
  const child = spawn(process.execPath, [builtServer, "answer", ...args], { env: environmentOf(place) });
  child.stdin.end(input);
  const ended = once(child, "close");
  const output = await readAll(child.stdout);
  const [status] = await ended;
  return `${output}exit ${status}`;
}

const login = {
  kind: "fields",
  key: "login",
  refusalKey: "login",
  title: "Log in to web1",
  facts: [
    { label: "Host", value: "web1 (10.0.0.5)" },
    { label: "The host says", value: "one\ntwo" },
  ],
  fields: [
    { label: "Password:", hidden: true },
    { label: "Code:", hidden: false },
  ],
  topics: ["web1"],
} as const;

const trust = {
  ...login,
  kind: "confirm",
  key: "trust",
  refusalKey: "trust",
  title: "Trust it?",
  yes: "Trust",
} as const;

it("lists what is asked, to whoever asks, without ending anything", async () => {
  const { desk, place } = await daemon();
  expect(await run(place, ["--list"])).toBe("Nothing is asked.\nexit 0");
  void desk.ask(login);
  const code = desk.questions[0]?.code ?? "";
  expect(await run(place, ["--list"])).toBe(
    `${code} · Log in to web1 · 5 min left · to answer: holdfast answer\nexit 0`,
  );
  expect(await run(place, [], "secret\n1\n")).toBe("exit 1");
  expect(desk.questions).toHaveLength(1);
});

it("takes what is typed, and shows nothing of what is secret", async () => {
  const { desk, place } = await daemon();
  const asked = desk.ask(login);
  // A terminal has another agent than the client that started the daemon.
  const terminal = answer(place, [], { SSH_AUTH_SOCK: "/tmp/another" });
  await terminal.shows(/Password \(not shown\): $/m);
  expect(terminal.screen).toMatch(/Log in to web1\n {2}Host +web1 \(10\.0\.0\.5\)\n {2}The host says {2}one\n +two\n/);
  expect(terminal.screen).toContain(`code ${desk.questions[0]?.code ?? ""}`);
  terminal.type("pa%ss wörd'x");
  terminal.press("BSpace", "Left", "Enter");
  await terminal.shows(/Code: $/m);
  terminal.type("wrong");
  terminal.press("C-u");
  terminal.type("271828");
  await terminal.shows(/Code: 271828/);
  terminal.press("Enter");
  expect(await asked).toEqual({ kind: "answered", values: ["pa%ss wörd'", "271828"] });
  expect(await terminal.ended()).toBe("0");
  await terminal.shows(/Thank you/);
  expect(terminal.screen).not.toContain("pa%");
});

it("takes a yes or no, refuses at Ctrl+D, and leaves open at Ctrl+C", async () => {
  const { desk, place } = await daemon();
  const asked = desk.ask(trust);
  const terminal = answer(place, ["--wait"]);
  await terminal.shows(/yes or no: $/m);
  terminal.type("yes");
  terminal.press("Enter");
  expect(await asked).toEqual({ kind: "answered", values: [] });
  await terminal.shows(/Nothing is asked/);
  const refused = desk.ask(login);
  await terminal.shows(/not shown\): $/m);
  terminal.press("C-d");
  expect(await refused).toEqual({ kind: "refused" });
  const short = desk.ask({ ...login, key: "short", refusalKey: "short" });
  await terminal.shows(/Refused[^]*not shown\): $/m);
  for (const text of ["abc", "x"]) {
    terminal.type(text);
    terminal.press("Enter");
  }
  expect(await short).toEqual({ kind: "answered", values: ["abc", "x"] });
  await terminal.shows(/Thank you\. What you typed has fewer than 6 characters/);
  const left = desk.ask({ ...trust, key: "other", refusalKey: "other" });
  await terminal.shows(/Thank you[^]*Refused[^]*yes or no: $/m);
  terminal.press("C-c");
  await terminal.shows(/Left open/);
  expect(desk.questions).toHaveLength(1);
  desk.questions[0]?.answer([]);
  await left;
  terminal.press("C-c");
  expect(await terminal.ended()).toBe("0");
});

it("notices when somebody else was faster, and gives the terminal back as it was", async () => {
  const { desk, place } = await daemon();
  const asked = desk.ask(login);
  const command = `stty -a > before; ${process.execPath} ${builtServer} answer; stty -a | cmp - before && echo same`;
  const terminal = new Terminal(["sh", "-c", `cd ${place.root} && { ${command}; }`], environmentOf(place));
  cleanup.add(() => terminal.close());
  await terminal.shows(/not shown\): $/m);
  terminal.type("half a pass");
  desk.questions[0]?.answer(["a", "b"]);
  await asked;
  await terminal.shows(/answered elsewhere[^]*same/);
  expect(terminal.screen).not.toContain("half");
});
