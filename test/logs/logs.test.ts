import { execFile } from "node:child_process";
import { appendFileSync, mkdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { listLogs, readCast, type CastEvent, type LogFile } from "../../src/logs/index.ts";
import { Terminal } from "../approvals/terminal.ts";
import { daemonScene, type DaemonScene } from "../daemon/daemon-scene.ts";
import { Cleanup } from "../helpers/cleanup.ts";
import { daemonPid, environmentOf, isAlive } from "../helpers/daemon.ts";
import { eventually } from "../helpers/eventually.ts";
import { builtServer } from "../helpers/holdfast.ts";

const cleanup = new Cleanup();
afterEach(() => cleanup.run());

const secret = "hunter2secret99";

async function recordedScene(record: boolean): Promise<DaemonScene> {
  const scene = await daemonScene(cleanup);
  const directory = join(scene.place.root, "config");
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const settings = `targets: { ${scene.host.alias}: { sudo_password: ${secret} } }\nlogs: { record: ${record} }\n`;
  appendFileSync(join(directory, "config.yaml"), settings, { mode: 0o600 });
  return scene;
}

function logsOf({ place }: DaemonScene): Promise<readonly LogFile[]> {
  return listLogs(join(place.root, "state", "logs"));
}

async function eventsOf({ path }: LogFile): Promise<readonly CastEvent[]> {
  const events: CastEvent[] = [];
  for await (const part of readCast(path)) if ("kind" in part) events.push(part);
  return events;
}

/** The log whose file has this in its name, once its last event matches. */
async function finished(scene: DaemonScene, name: string, last: RegExp): Promise<readonly CastEvent[]> {
  return eventually(`the log ${name} to end`, 60_000, async () => {
    const file = (await logsOf(scene)).find((one) => one.name.includes(name));
    const events = file === undefined ? [] : await eventsOf(file);
    return last.test(events.at(-1)?.text ?? "") ? events : undefined;
  });
}

function holdfast(scene: DaemonScene, ...args: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    execFile(process.execPath, [builtServer, ...args], { env: environmentOf(scene.place) }, (_, stdout, stderr) => {
      resolve(stdout + stderr);
    });
  });
}

const joined = (events: readonly CastEvent[], kind: CastEvent["kind"]): string =>
  events.flatMap((event) => (event.kind === kind ? [event.text] : [])).join("");

describe("logs", () => {
  it("hold what commands and terminals printed, without secrets, for their owner alone", async () => {
    const scene = await recordedScene(true);
    const agent = await scene.client();
    const on = scene.host.alias;
    await agent.run(on, "printf 'a\\nb\\n'; echo bad >&2; (exit 3)");
    await agent.run(on, "printf hunter2; sleep 0.4; printf 'secret%s\\n' 99");
    const { id = "" } = await agent.run(on, "read -r x; printf '\\033[32mgreen %s\\033[0m\\n' \"$x\"", {
      pty: true,
      wait_s: 1,
    });
    await agent.call("ssh_input", { command: id, text: "typed\n", wait_s: 20 });

    const commands = await finished(scene, "-commands-", /\/2 exit 0$/);
    expect(joined(commands, "o")).toBe("a\r\nb\r\n[secret]\r\n");
    expect(joined(commands, "e")).toBe("bad\r\n");
    expect(joined(commands, "m")).toMatch(/^\S+\/1 \$ printf .*\S+\/1 exit 3\S+\/2 \$ .*\S+\/2 exit 0$/);
    const terminal = await finished(scene, "-terminal-3-", /\/3 exit 0$/);
    expect(joined(terminal, "o")).toBe("typed\r\n\u001B[32mgreen typed\u001B[0m\r\n");
    expect(joined(terminal, "i")).toBe("typed\r");

    const files = await logsOf(scene);
    expect(files).toHaveLength(2);
    for (const { path } of files) {
      expect(statSync(path).mode & 0o777).toBe(0o600);
      expect(statSync(dirname(path)).mode & 0o777).toBe(0o700);
      expect(readFileSync(path, "utf8")).not.toContain("secret99");
    }
    expect(await holdfast(scene, "logs")).toMatch(new RegExp(`^(.*/${on}/.*\\.cast\\n){2}$`));
    expect(await holdfast(scene, "logs", "other")).toMatch(/^There are no logs in /);
    expect(await holdfast(scene, "replay", on)).toBe("a\r\nb\r\nbad\r\n[secret]\r\n");
    expect(await holdfast(scene, "replay", `${on}/9`)).toMatch(/^file_missing: /);
    const replay = [process.execPath, builtServer, "replay", id, "--speed", "100"];
    const person = new Terminal(replay, environmentOf(scene.place));
    cleanup.add(() => person.close());
    expect(await person.ended()).toBe("0");
    expect(person.screen).toMatch(/^typed\ngreen typed$/m);
  });

  it("go on over the death of the daemon, in another file, and tell the sizes that a terminal gets", async () => {
    const scene = await recordedScene(true);
    const agent = await scene.client();
    const { id = "" } = await agent.run(scene.host.alias, 'for n in 1 2 3; do read -r x; echo "got $x"; done', {
      pty: true,
      cols: 80,
      rows: 24,
      wait_s: 0,
    });
    await agent.call("ssh_input", { command: id, text: "one\n", wait_s: 20 });
    await agent.call("ssh_input", { command: id, cols: 90, rows: 20, text: "two\n", wait_s: 20 });
    await eventually("the first log to have both", 60_000, async () => {
      const [first] = await logsOf(scene);
      const events = first === undefined ? [] : await eventsOf(first);
      const sizes = events.flatMap(({ kind, text }) => (kind === "r" ? [text] : []));
      return joined(events, "o").endsWith("got two\r\n") && sizes.join() === "90x20" ? true : undefined;
    });

    const pid = await daemonPid(scene.place);
    process.kill(pid, "SIGKILL");
    await eventually("the daemon to be gone", 60_000, () => (isAlive(pid) ? undefined : true));
    await agent.call("ssh_read", { command: id, wait_s: 0 });
    await agent.call("ssh_input", { command: id, cols: 70, text: "three\n", wait_s: 20 });
    const sizes = await eventually("the second log to end", 60_000, async () => {
      const second = (await logsOf(scene)).filter(({ name }) => name.includes("-terminal-1-"))[1];
      const events = second === undefined ? [] : await eventsOf(second);
      if (events.at(-1)?.text.endsWith("/1 exit 0") !== true) return undefined;
      expect(joined(events, "o")).toBe("one\r\ngot one\r\ntwo\r\ngot two\r\nthree\r\ngot three\r\n");
      expect(joined(events, "i")).toBe("three\r");
      return events.flatMap(({ kind, text }) => (kind === "r" ? [text] : []));
    });
    expect(sizes.at(-1)).toBe("70x20");
  });

  it("are not written unless the settings say so", async () => {
    const scene = await recordedScene(false);
    const agent = await scene.client();
    await agent.run(scene.host.alias, "echo a");
    expect(await logsOf(scene)).toEqual([]);
    expect(await holdfast(scene, "logs")).toMatch(/Nothing is recorded: logs: \{ record: true \}/);
  });
});
