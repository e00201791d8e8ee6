import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { monotonicMs } from "../../src/base/index.ts";
import { createToolHost } from "../../src/tools/index.ts";
import { openBook } from "../helpers/open-book.ts";
import { startTcpProxy } from "../helpers/servers/index.ts";
import { openLiveBench, type LiveBench } from "./live-bench.ts";

let bench: LiveBench;
beforeAll(async () => {
  bench = await openLiveBench();
});
afterAll(() => bench.remove());

const openAs = async (name: string, owner: string): Promise<void> => {
  await bench.call("ssh_open", { target: bench.server.alias, name, owner });
};
const lines = async (args: Record<string, unknown>): Promise<readonly string[]> =>
  (await bench.call("ssh_list", args)).text.split("\n");

describe("ssh_list on a real host", () => {
  it("shows sessions with their health, and filters them", async () => {
    await openAs("mine", "me");
    await openAs("yours", "you");
    const id = await bench.start("sleep 600");
    const all = await lines({});
    expect(all[0]).toBe("3 sessions");
    expect(all.find((line) => line.startsWith("box "))).toMatch(
      new RegExp(`^box · attached · \\S+ · since just now · running ${id}$`),
    );
    expect(await lines({ owner: "me" })).toEqual(["1 session", expect.stringMatching(/^mine · attached · .*owner me/)]);
    expect((await lines({ state: "running" }))[1]).toMatch(/^box /);
    expect(await lines({ state: "lost" })).toEqual(["0 sessions · ssh_run opens one"]);
    expect(await lines({ limit: 1 })).toEqual(["3 sessions · 2 not shown: raise limit", expect.any(String)]);
    expect(await lines({ what: "targets" })).toContainEqual(
      expect.stringMatching(new RegExp(`^${bench.server.alias} `)),
    );
    await bench.call("ssh_stop", { command: id });
  });

  it("shows commands of one session or of all, by state, newest first", async () => {
    for (const status of [0, 3, 0, 3]) await bench.run(`(exit ${status})`);
    const id = await bench.start("sleep 600");
    const running = await lines({ what: "commands", state: "running" });
    expect(running).toEqual(["1 command", expect.stringMatching(new RegExp(`^${id} · running · .* · sleep 600$`))]);
    expect((await lines({ what: "commands", session: "box", state: "exit 3" }))[0]).toBe("2 commands");
    const limited = await lines({ what: "commands", session: "box", limit: 2 });
    expect(limited).toHaveLength(3);
    expect(limited[0]).toMatch(/^\d+ commands · \d+ not shown: raise limit$/);
    expect(limited[1]?.startsWith(`${id} `)).toBe(true);
    expect((await lines({ what: "commands", owner: "me" }))[0]).toBe("0 commands · ssh_run starts one");
    await bench.call("ssh_stop", { command: id });
  });
});

describe("ssh_close on a real host", () => {
  it("stops what runs and says so, and closes the sessions of one owner alone", async () => {
    const id = await bench.start("sleep 600");
    await openAs("spare", "me");
    const refused = await bench.call("ssh_close", { session: "yours", owner: "me" });
    expect(refused.text).toBe(
      'bad_input: yours belongs to "you", not to "me". Leave owner out to close it nevertheless.',
    );
    const closed = await bench.call("ssh_close", { all: true, owner: "me" });
    expect(closed.text.split("\n").toSorted()).toEqual([
      "closed · mine · no command was running",
      "closed · spare · no command was running",
    ]);
    expect((await bench.call("ssh_close", { session: "box" })).text).toBe(`closed · box · stopped ${id}`);
    expect((await lines({})).slice(1)).toEqual([expect.stringMatching(/^yours /)]);
    expect((await bench.call("ssh_close", { session: "box" })).text).toMatch(/^session_unknown: /);
    await bench.call("ssh_open", { target: bench.server.alias, name: "box" });
    expect((await bench.run("true")).id).not.toBe("box/1");
  });

  it("forgets by force a session whose host is gone, and says what may be left", async () => {
    const { server } = bench;
    const proxy = await startTcpProxy(server.port);
    const config = join(server.directory, "proxied_config");
    const own = (await readFile(server.sshConfigFile, "utf8")).replace(/Port \d+/, `Port ${proxy.port}`);
    await writeFile(config, `${own}  HostKeyAlias [127.0.0.1]:${server.port}\n`, { mode: 0o600 });
    const place = await openBook(config);
    const host = createToolHost({ sessions: place.book });
    const call = async (name: string, args: unknown): Promise<string> =>
      (await host.call({ name, args, client: "test 1", signal: new AbortController().signal })).text;
    await call("ssh_open", { target: server.alias, name: "far" });
    const id = /far\/\d+/.exec(await call("ssh_run", { on: "far", command: "sleep 20", background: true }))?.[0];
    await proxy.stop();
    expect(await call("ssh_close", { session: "far" })).toMatch(/^(?:connection_lost|dial_failed|timed_out): /);
    expect(await call("ssh_list", {})).toMatch(/\nfar · detached · /);
    const startedMs = monotonicMs();
    expect(await call("ssh_close", { session: "far", force: true })).toMatch(
      new RegExp(`^closed · far · left on the host: .*; the session may still be there, and so may ${id ?? "?"}$`),
    );
    expect(monotonicMs() - startedMs).toBeLessThan(30_000);
    expect(await call("ssh_list", {})).toBe("0 sessions · ssh_run opens one");
    await place.remove();
  });
});
