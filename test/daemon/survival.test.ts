import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { delay, version } from "../../src/base/index.ts";
import { Cleanup } from "../helpers/cleanup.ts";
import { daemonFacts, daemonPid, environmentOf, isAlive, stopDaemon } from "../helpers/daemon.ts";
import { eventually } from "../helpers/eventually.ts";
import { builtServer, type Holdfast } from "../helpers/holdfast.ts";
import { eras, connectTo } from "../mcp/connect.ts";
import { daemonScene, type DaemonScene } from "./daemon-scene.ts";

const cleanup = new Cleanup();
afterEach(() => cleanup.run());

/** A build that says it is another version, as an upgrade of the package would be. */
function buildOf(scene: DaemonScene, other: string): string {
  const folder = join(scene.place.root, `dist-${other}`);
  cpSync(dirname(builtServer), folder, { recursive: true });
  for (const name of ["holdfast.cjs", "holdfast-main.cjs"]) {
    const file = join(folder, name);
    writeFileSync(file, readFileSync(file, "utf8").replaceAll(`"${version}"`, `"${other}"`));
  }
  return join(folder, "holdfast.cjs");
}

/** Runs of a command that writes a line into `file` each time it begins. */
function runs(file: string): number {
  return readFileSync(file, "utf8").split("\n").length - 1;
}

function counted(scene: DaemonScene): { readonly file: string; readonly command: string } {
  const file = join(scene.place.root, "runs");
  return {
    file,
    command: `echo run >> ${file}; echo begin; i=0; while [ $i -lt 20 ]; do i=$((i+1)); echo $i; sleep 0.1; done; echo end; (exit 7)`,
  };
}

async function begun(file: string): Promise<void> {
  await eventually("the command to begin", 60_000, () => {
    try {
      return runs(file) > 0 ? true : undefined;
    } catch {
      return undefined;
    }
  });
}

async function killDaemon(scene: DaemonScene): Promise<number> {
  // Where none runs, a client is about to start one.
  const { pid } = await eventually("a daemon", 60_000, () => daemonFacts(scene.place));
  process.kill(pid, "SIGKILL");
  await eventually("the daemon to be dead", 20_000, () => (isAlive(pid) ? undefined : true));
  return pid;
}

const numbers = Array.from({ length: 20 }, (_, index) => `${String(index + 1)}\n`).join("");
const whole = `begin\n${numbers}end\n`;

describe("a daemon that is killed in the middle of a call", () => {
  it("leaves the call answered in full, and the command run once", async () => {
    const scene = await daemonScene(cleanup);
    const client = await scene.client();
    const { file, command } = counted(scene);
    await client.run(scene.host.alias, "cd /usr/lib; hf_kept=yes");
    const waiting = client.run(scene.host.alias, command, { wait_s: 60 });
    await begun(file);
    const pid = await killDaemon(scene);
    const reply = await waiting;
    expect(reply).toMatchObject({ state: "exit 7", stdout: whole, stderr: "" });
    expect(reply.firstLine).toContain("the server was restarted meanwhile");
    expect(runs(file)).toBe(1);
    expect(await daemonPid(scene.place)).not.toBe(pid);
    expect(await client.run(scene.host.alias, 'echo "$PWD $hf_kept"')).toMatchObject({ stdout: "/usr/lib yes\n" });
  });

  it("does so several times over, for several clients and kinds of calls", async () => {
    const scene = await daemonScene(cleanup);
    const [one, other] = [await scene.client(), await scene.client()];
    const { file, command } = counted(scene);
    const started = await one.run(scene.host.alias, command, { wait_s: 0 });
    await begun(file);
    const waiting = other.call("ssh_read", { command: started.id ?? "", from: 0, wait_s: 60 });
    const besideFile = `${file}-beside`;
    const beside = one.run(scene.host.alias, `echo run >> ${besideFile}; sleep 2; echo beside`, { wait_s: 60 });
    await begun(besideFile);
    for (let time = 0; time < 2; time += 1) {
      await killDaemon(scene);
      await eventually("the next daemon", 60_000, async () => daemonFacts(scene.place));
    }
    expect(await waiting).toMatchObject({ state: "exit 7", stdout: whole });
    expect(await beside).toMatchObject({ state: "exit 0", stdout: "beside\n" });
    expect([runs(file), runs(besideFile)]).toEqual([1, 1]);
  });

  it("does so whatever the moment", async () => {
    const scene = await daemonScene(cleanup);
    const client = await scene.client();
    const rounds = Number(process.env["HOLDFAST_DAEMON_ROUNDS"] ?? "6");
    for (let round = 0; round < rounds; round += 1) {
      const file = join(scene.place.root, `moment-${String(round)}`);
      const command = `echo run >> ${file}; echo begin; sleep 0.2; echo end; (exit 5)`;
      const waiting = client.run(scene.host.alias, command, { wait_s: 60 });
      await delay((400 * round) / rounds);
      await killDaemon(scene);
      const reply = await waiting;
      expect(reply.isError ? reply.text : "").toBe("");
      expect(reply).toMatchObject({ state: "exit 5", stdout: "begin\nend\n" });
      expect(runs(file)).toBe(1);
    }
  });

  it("says that the outcome is unknown where a repetition could do harm", async () => {
    const scene = await daemonScene(cleanup);
    const client = await scene.client();
    const file = join(scene.place.root, "go-on");
    const id = await waitsForInput(client, scene.host.alias, file);
    const waiting = client.call("ssh_input", { command: id, text: "first\n", wait_s: 60 });
    await begun(`${file}-first`);
    await killDaemon(scene);
    const reply = await waiting;
    writeFileSync(file, "");
    expect(reply.text).toMatch(/^connection_lost: .*ssh_input was on its way; the outcome is unknown\. .*ssh_read/);
    expect(await client.call("ssh_input", { command: id, text: "second\n", wait_s: 30 })).toMatchObject({
      state: "exit 0",
      stdout: expect.stringContaining("got second\n"),
    });
  });

  it.each(eras)("is answered to a client of %s too", async (_revision, era) => {
    const scene = await daemonScene(cleanup);
    const { file, command } = counted(scene);
    const connection = await connectTo({ env: environmentOf(scene.place), remove: async () => undefined }, era);
    cleanup.add(() => connection.client.close());
    const waiting = connection.call("ssh_run", { on: scene.host.alias, command, wait_s: 60 });
    await begun(file);
    await killDaemon(scene);
    const reply = await waiting;
    expect(reply.text).toMatch(/^exit 7 /);
    expect(reply.text).toContain(whole);
    expect(runs(file)).toBe(1);
  });
});

/** Mostly waiting for silence to be long enough, so these run at once, each with a cleanup of its own. */
describe("a daemon that stands still", () => {
  it.concurrent.for(eras)("is what a silent command is not, to a client of %s", async ([, era], { onTestFinished }) => {
    const own = new Cleanup();
    onTestFinished(() => own.run());
    const scene = await daemonScene(own);
    const connection = await connectTo({ env: environmentOf(scene.place), remove: async () => undefined }, era);
    own.add(() => connection.client.close());
    // Longer than the silence after which the daemon is asked for a sign of life: that must not disturb anything.
    const quiet = await connection.call("ssh_run", { on: scene.host.alias, command: "sleep 7; echo on", wait_s: 60 });
    expect(quiet.text).toMatch(/^exit 0 [^\n]* · [^·\n]*\/1\non\n$/);
  });

  it.concurrent("is replaced while a client waits, and ends when it goes on", async ({ onTestFinished }) => {
    const own = new Cleanup();
    onTestFinished(() => own.run());
    const scene = await daemonScene(own);
    const { file, command } = counted(scene);
    const client = await scene.client();
    const waiting = client.run(scene.host.alias, command, { wait_s: 60 });
    await begun(file);
    const pid = await daemonPid(scene.place);
    process.kill(pid, "SIGSTOP");
    own.add(() => {
      if (isAlive(pid)) process.kill(pid, "SIGKILL");
    });
    expect(await waiting).toMatchObject({ state: "exit 7", stdout: whole });
    expect(runs(file)).toBe(1);
    expect(await daemonPid(scene.place)).not.toBe(pid);
    process.kill(pid, "SIGCONT");
    await eventually("the old daemon to end", 60_000, () => (isAlive(pid) ? undefined : true));
    expect(await client.run(scene.host.alias, "echo on")).toMatchObject({ stdout: "on\n" });
  });
});

describe("a newer version", () => {
  it("replaces the daemon without losing the command that runs, and older clients use it", async () => {
    const scene = await daemonScene(cleanup);
    const old = await scene.client();
    const { file, command } = counted(scene);
    const waiting = old.run(scene.host.alias, command, { wait_s: 60 });
    await begun(file);
    const before = await daemonFacts(scene.place);
    const upgraded = await scene.client(buildOf(scene, "9.9.9"));
    const after = await daemonFacts(scene.place);
    expect([before?.version, after?.version]).toEqual([version, "9.9.9"]);
    expect(await upgraded.run(scene.host.alias, "echo new", { wait_s: 60 })).toMatchObject({ stdout: "new\n" });
    expect(await waiting).toMatchObject({ state: "exit 7", stdout: whole });
    expect(runs(file)).toBe(1);
    await eventually("the old daemon to be gone", 60_000, () => (isAlive(before?.pid ?? 0) ? undefined : true));
    expect(await old.run(scene.host.alias, "echo old client", { wait_s: 60 })).toMatchObject({
      stdout: "old client\n",
    });
    expect((await daemonFacts(scene.place))?.version).toBe("9.9.9");
  });
});

describe("a daemon that is told to end", () => {
  it("answers `running` to what waits, and the command goes on", async () => {
    const scene = await daemonScene(cleanup);
    const client = await scene.client();
    const { file, command } = counted(scene);
    const waiting = client.run(scene.host.alias, command, { wait_s: 60 });
    await begun(file);
    await stopDaemon(scene.place);
    const reply = await waiting;
    expect(reply.state).toBe("running");
    expect(await client.call("ssh_read", { command: reply.id ?? "", from: 0, wait_s: 60 })).toMatchObject({
      state: "exit 7",
      stdout: whole,
    });
    expect(runs(file)).toBe(1);
  });
});

describe("a key of the agent's own", () => {
  it("is known to the next daemon, also for a command that has ended, and only for the same command", async () => {
    const scene = await daemonScene(cleanup);
    const client = await scene.client();
    const { file, command } = counted(scene);
    const first = await client.run(scene.host.alias, command, { wait_s: 60, key: "deploy 1" });
    expect(first.state).toBe("exit 7");
    await killDaemon(scene);
    const again = await client.run(scene.host.alias, command, { wait_s: 60, key: "deploy 1" });
    expect(again).toMatchObject({ id: first.id, state: "exit 7", stdout: whole });
    expect(again.firstLine).toContain("attached by key");
    expect(runs(file)).toBe(1);
    const other = await client.run(scene.host.alias, "echo other", { key: "deploy 1" });
    expect(other.text).toMatch(/^bad_input: /);
  });
});

/** Reads a line into `<file>-first`, and another one once there is `file`: until then, nothing answers a call that gives it the first line. */
async function waitsForInput(client: Holdfast, on: string, file: string): Promise<string> {
  const untilThere = `until [ -e '${file}' ]; do sleep 0.1; done`;
  const command = `read -r one; echo "$one" >'${file}-first'; ${untilThere}; read -r two; echo "got $two"`;
  const reply = await client.run(on, command, { wait_s: 0 });
  return reply.id ?? "";
}
