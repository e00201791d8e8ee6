import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startOpenSsh, waitUntil, type TestServer } from "../helpers/servers/index.ts";
import { connectTo, eras, makePlace, type Connection, type Place } from "../mcp/connect.ts";

describe.each(eras)("calls that end early, by a client of %s", (_revision, era) => {
  let server: TestServer;
  let place: Place;
  beforeAll(async () => {
    server = await startOpenSsh();
    place = await makePlace(server.sshConfigFile);
  });
  afterAll(async () => {
    const connection = await connectTo(place, era);
    await connection.call("ssh_close", { all: true });
    await connection.client.close();
    await server.stop();
    await place.remove();
  });

  /** Calls, and resolves when the command has said that it runs; `answer` tells how the call ended. */
  async function begun(
    connection: Connection,
    command: string,
    signal?: AbortSignal,
  ): Promise<{ readonly answer: Promise<string> }> {
    let said = "";
    const call = connection.client.callTool(
      { name: "ssh_run", arguments: { on: "box", command: `echo on its way; ${command}`, wait_s: 600 } },
      {
        timeout: 600_000,
        onprogress: ({ message }) => (said = message ?? ""),
        ...(signal === undefined ? {} : { signal }),
      },
    );
    const answer = call.then(
      () => "answered",
      () => "ended early",
    );
    await waitUntil("the command to run", () => said === "on its way", 30_000);
    return { answer };
  }

  const newest = async (connection: Connection): Promise<string> => {
    const { text } = await connection.call("ssh_list", { what: "commands", session: "box", limit: 1 });
    return text.split("\n")[1] ?? "";
  };

  it("interrupts the command when the client cancels", async () => {
    const connection = await connectTo(place, era);
    const controller = new AbortController();
    const { answer } = await begun(connection, "sleep 600", controller.signal);
    controller.abort("not wanted any more");
    expect(await answer).toBe("ended early");
    await waitUntil("the end", async () => !(await newest(connection)).includes("running"), 30_000);
    expect(await newest(connection)).toMatch(/^box\/\d+ · signal INT · /);
    await connection.client.close();
  });

  it("leaves the command alone when the connection closes, and another server has all of it", async () => {
    const connection = await connectTo(place, era);
    const { answer } = await begun(connection, "sleep 3; echo finished; (exit 4)");
    const id = (await newest(connection)).split(" ")[0] ?? "";
    await connection.client.close();
    expect(await answer).toBe("ended early");
    const other = await connectTo(place, era);
    const reply = await other.call("ssh_read", { command: id, wait_s: 60 });
    expect(reply.text).toMatch(/^exit 4 · [^\n]*\non its way\nfinished\n$/);
    await other.client.close();
  });

  it("leaves no trace of a shell that died of the interrupt in what another server reads", async () => {
    const connection = await connectTo(place, era);
    const controller = new AbortController();
    const { answer } = await begun(connection, "trap 'echo dying; exit 9' INT; sleep 600", controller.signal);
    controller.abort("not wanted any more");
    expect(await answer).toBe("ended early");
    await waitUntil("the end", async () => !(await newest(connection)).includes("running"), 30_000);
    expect(await newest(connection)).toMatch(/^box\/\d+ · exit 9 · /);
    await connection.client.close();
    const second = await connectTo(place, era);
    const next = await begun(second, "sleep 3; echo after; echo wards >&2");
    const id = (await newest(second)).split(" ")[0] ?? "";
    await second.client.close();
    expect(await next.answer).toBe("ended early");
    const other = await connectTo(place, era);
    const reply = await other.call("ssh_read", { command: id, wait_s: 60 });
    expect(reply.text).toMatch(/^exit 0 · [^\n]*\non its way\nafter\n--- stderr\nwards\n$/);
    await other.client.close();
  });

  it("leaves the command alone when the server is killed", async () => {
    const connection = await connectTo(place, era);
    const { answer } = await begun(connection, "sleep 3; echo finished");
    const id = (await newest(connection)).split(" ")[0] ?? "";
    process.kill(connection.pid, "SIGKILL");
    expect(await answer).toBe("ended early");
    const other = await connectTo(place, era);
    const reply = await other.call("ssh_read", { command: id, wait_s: 60 });
    expect(reply.text).toMatch(/^exit 0 · [^\n]*\non its way\nfinished\n$/);
    await other.client.close();
  });
});
