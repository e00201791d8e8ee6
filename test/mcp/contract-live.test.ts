import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startOpenSsh, waitUntil, type TestServer } from "../helpers/servers/index.ts";
import { connectTo, eras, makePlace, type Connection, type Place } from "./connect.ts";

describe.each(eras)("calls on a real host by a client of %s", (_revision, era) => {
  let server: TestServer;
  let place: Place;
  let connection: Connection;
  beforeAll(async () => {
    server = await startOpenSsh();
    place = await makePlace(server.sshConfigFile);
    connection = await connectTo(place, era);
  });
  afterAll(async () => {
    await connection.call("ssh_close", { all: true });
    await connection.client.close();
    await server.stop();
    await place.remove();
  });

  const run = (command: string, more: Record<string, unknown> = {}): ReturnType<Connection["call"]> =>
    connection.call("ssh_run", { on: "box", command, ...more });

  it("shows state, place and both streams", async () => {
    const reply = await run("cd /tmp; echo out; echo err >&2; (exit 3)");
    expect(reply.isError).toBe(false);
    expect(reply.text).toMatch(/^exit 3 · \d+\.\d s · box:\/tmp · box\/\d+\nout\n--- stderr\nerr\n$/);
    expect((await run("pwd")).text).toMatch(/\n\/tmp\n$/);
  });

  it("answers other calls promptly while one waits", async () => {
    const waiting = connection.call("ssh_run", { on: "box", command: "sleep 600", wait_s: 600 });
    await waitUntil(
      "the sleep to run",
      async () =>
        (await connection.call("ssh_list", { what: "commands", session: "box", state: "running" })).text.includes(
          "sleep 600",
        ),
      30_000,
    );
    const startedMs = performance.now();
    for (let index = 0; index < 20; index += 1) await connection.call("ssh_list", {});
    expect(performance.now() - startedMs).toBeLessThan(10_000);
    const id =
      /box\/\d+/.exec(
        (await connection.call("ssh_list", { what: "commands", session: "box", state: "running" })).text,
      )?.[0] ?? "";
    const stopped = await connection.call("ssh_stop", { command: id, escalate: true });
    expect(stopped.text).toMatch(/^signal (INT|TERM|KILL) /);
    expect((await waiting).text.split("\n")[0]?.split(" · ")[0]).toMatch(/^signal /);
  });

  it("sends progress with the last line while it waits", async () => {
    const messages: string[] = [];
    await connection.client.callTool(
      { name: "ssh_run", arguments: { on: "box", command: "for i in 1 2 3; do echo line $i; sleep 0.7; done" } },
      { onprogress: (progress) => messages.push(progress.message ?? "") },
    );
    expect(messages.length).toBeGreaterThan(0);
    for (const message of messages) expect(message).toMatch(/^line \d$|^running · /);
  });

  it("interrupts the command of a call that is cancelled", async () => {
    const controller = new AbortController();
    let said = "";
    const call = connection.client.callTool(
      { name: "ssh_run", arguments: { on: "box", command: "echo on its way; sleep 601", wait_s: 600 } },
      { signal: controller.signal, timeout: 600_000, onprogress: (progress) => (said = progress.message ?? "") },
    );
    const failed = call.then(
      () => "answered",
      () => "cancelled",
    );
    await waitUntil("the command to run", () => said === "on its way", 30_000);
    controller.abort("not needed any more");
    expect(await failed).toBe("cancelled");
    const runs = async (): Promise<boolean> =>
      (await connection.call("ssh_list", { what: "commands", session: "box", state: "running" })).text.includes(
        "sleep 601",
      );
    await waitUntil("the sleep to end", async () => !(await runs()), 30_000);
  });

  it("leaves the command of a call running that the client gave up by its own time limit", async () => {
    await expect(
      connection.client.callTool(
        { name: "ssh_run", arguments: { on: "box", command: "sleep 3; echo finished", wait_s: 600, key: "patient" } },
        { timeout: 1_500 },
      ),
    ).rejects.toThrow(/timed out/i);
    const again = await run("sleep 3; echo finished", { wait_s: 60, key: "patient" });
    expect(again.text).toMatch(/^exit 0 · [^\n]*attached by key\nfinished\n$/);
  });
});
