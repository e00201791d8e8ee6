import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { once } from "node:events";
import { text as readAll } from "node:stream/consumers";
import { afterEach, describe, expect, it } from "vitest";
import { daemonScene, type DaemonScene } from "../daemon/daemon-scene.ts";
import { Cleanup } from "../helpers/cleanup.ts";
import { daemonFacts, environmentOf } from "../helpers/daemon.ts";
import { eventually } from "../helpers/eventually.ts";
import { builtServer } from "../helpers/holdfast.ts";

const cleanup = new Cleanup();
afterEach(() => cleanup.run());

function start(scene: DaemonScene, args: readonly string[]): ChildProcessWithoutNullStreams {
  const child = spawn(process.execPath, [builtServer, ...args], { env: environmentOf(scene.place) });
  cleanup.add(() => {
    child.kill("SIGKILL");
  });
  return child;
}

async function run(scene: DaemonScene, args: readonly string[]): Promise<string> {
  const child = start(scene, args);
  child.stdin.end();
  return readAll(child.stdout);
}

async function calls(scene: DaemonScene, tool: string, args: Record<string, unknown>): Promise<string> {
  return run(scene, ["call", tool, JSON.stringify(args)]);
}

describe("commands for people beside a daemon", () => {
  it("use its sessions and connections", async () => {
    const scene = await daemonScene(cleanup);
    const client = await scene.client();
    const on = scene.host.alias;
    await client.run(on, "cd /usr/lib");
    const logins = (): number => scene.host.log().match(/Accepted publickey/g)?.length ?? 0;
    const before = logins();
    expect(await calls(scene, "ssh_run", { on, command: "pwd" })).toMatch(/^exit 0 .*\n\/usr\/lib\n$/);
    expect(await run(scene, ["ls"])).toContain(on);
    expect(await calls(scene, "ssh_run", { on, wat: 1 })).toMatch(/^bad_input: /);
    expect(logins()).toBe(before);
  });

  it("detach at Ctrl+C there too", async () => {
    const scene = await daemonScene(cleanup);
    const client = await scene.client();
    const on = scene.host.alias;
    const child = start(scene, ["call", "ssh_run", JSON.stringify({ on, command: "sleep 3; echo end", wait_s: 60 })]);
    const output = readAll(child.stdout);
    await eventually("the command to run", 60_000, async () =>
      (await client.call("ssh_list", { what: "commands" })).text.includes("running") ? true : undefined,
    );
    child.kill("SIGINT");
    expect(await output).toMatch(/^running · .* · next: ssh_read /);
    expect((await client.call("ssh_read", { command: `${on}/1`, from: 0, wait_s: 60 })).stdout).toBe("end\n");
  });

  it("start none by themselves", async () => {
    const scene = await daemonScene(cleanup);
    await calls(scene, "ssh_run", { on: scene.host.alias, command: "true" });
    expect(await daemonFacts(scene.place)).toBeUndefined();
  });
});

describe("holdfast attach", () => {
  it("shows a command live, feeds it what is typed, and ends with its exit code", async () => {
    const scene = await daemonScene(cleanup);
    const client = await scene.client();
    const asks = 'echo ask; while read -r line; do echo "got $line"; echo "err $line" >&2; done; (exit 9)';
    const { id = "" } = await client.run(scene.host.alias, asks, { wait_s: 0 });
    const child = start(scene, ["attach", id]);
    let seen = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (seen += text));
    const errors = readAll(child.stderr);
    await eventually("what was printed before", 60_000, () => (seen === "ask\n" ? true : undefined));
    child.stdin.write("one\n");
    await eventually("the answer", 60_000, () => (seen === "ask\ngot one\n" ? true : undefined));
    child.stdin.end();
    expect(await once(child, "close")).toEqual([9, null]);
    expect(await errors).toBe("err one\nexit 9\n");
    expect(seen).toBe("ask\ngot one\n");
    expect(await client.call("ssh_read", { command: id, from: 0, wait_s: 60 })).toMatchObject({
      state: "exit 9",
      stdout: "ask\ngot one\n",
    });
  });

  it("detaches at Ctrl+C: the command goes on", async () => {
    const scene = await daemonScene(cleanup);
    const client = await scene.client();
    const { id = "" } = await client.run(scene.host.alias, "echo begin; sleep 5; echo end", { wait_s: 0 });
    const child = start(scene, ["attach", id, "--read-only"]);
    const errors = readAll(child.stderr);
    await once(child.stdout, "data");
    child.kill("SIGINT");
    expect(await once(child, "close")).toEqual([0, null]);
    expect(await errors).toMatch(/Detached: /);
    expect((await client.call("ssh_read", { command: id, from: 0, wait_s: 60 })).stdout).toBe("begin\nend\n");
  });

  it("refuses what is no command", async () => {
    const scene = await daemonScene(cleanup);
    expect(await readAll(start(scene, ["attach", "nosuchhost.invalid"]).stderr)).toMatch(/^dial_failed: /);
    expect(await readAll(start(scene, ["attach", "x/1", "--detach-key", "x"]).stderr)).toMatch(/"x" cannot be the key/);
    expect(await readAll(start(scene, ["attach", "nope/1"]).stderr)).toMatch(/^session_unknown: /);
    const env = { ...environmentOf(scene.place), HOLDFAST_NO_DAEMON: "1" };
    const alone = spawn(process.execPath, [builtServer, "attach", "nope/1"], { env });
    expect(await readAll(alone.stderr)).toMatch(/^unsupported: only the daemon can be attached to, /);
  });
});
