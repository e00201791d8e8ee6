import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { monotonicMs } from "../../src/base/index.ts";
import { connectHttp, serve, type Served } from "../http/serve.ts";
import { startOpenSsh, waitUntil, type TestServer } from "../helpers/servers/index.ts";
import { connectTo, eras, makePlace, type Connection, type Era, type Place } from "../mcp/connect.ts";

const template = "ssh://commands/{session}/{n}/output";

const screenTemplate = "ssh://sessions/{name}/screen";

const ways = eras.flatMap(([revision, era]) => [[revision, "stdio", era] as const, [revision, "HTTP", era] as const]);

type AnyConnection = Pick<Connection, "client" | "call">;

describe.each(ways)("resources and prompts to a client of %s over %s", (_revision, transport, era) => {
  let server: TestServer;
  let place: Place;
  let connection: AnyConnection;
  let served: Served | undefined;
  const updates: { readonly uri: string; readonly atMs: number }[] = [];
  beforeAll(async () => {
    server = await startOpenSsh();
    place = await makePlace(server.sshConfigFile);
    served = transport === "HTTP" ? await serve(place) : undefined;
    connection = served === undefined ? await connectTo(place, era) : await connectHttp(served.url, era);
    connection.client.setNotificationHandler("notifications/resources/updated", ({ params }) => {
      updates.push({ uri: params.uri, atMs: monotonicMs() });
    });
  });
  afterAll(async () => {
    await connection.call("ssh_close", { all: true });
    await connection.client.close();
    await served?.stop();
    await server.stop();
    await place.remove();
  });

  async function start(command: string): Promise<string> {
    const { text } = await connection.call("ssh_run", { on: "box", command, background: true });
    const id = /box\/\d+/.exec(text)?.[0];
    if (id === undefined) throw new Error(text);
    return id;
  }

  const uriOf = (id: string): string => `ssh://commands/${id}/output`;

  it("lists nothing before there is something, and its template at once", async () => {
    expect((await connection.client.listResources()).resources).toEqual([]);
    const { resourceTemplates } = await connection.client.listResourceTemplates();
    expect(resourceTemplates.map((one) => one.uriTemplate)).toEqual([template, screenTemplate]);
  });

  it("lists commands and reads their output, running and ended", async () => {
    const id = await start("echo begun; read x; echo over; (exit 3)");
    const { resources } = await connection.client.listResources();
    expect(resources[0]).toMatchObject({ uri: uriOf(id), name: id, mimeType: "text/plain" });
    expect(resources[0]?.description).toBe(`running · output of ${id}`);
    await connection.call("ssh_read", { command: id, from: 0, until: "output", wait_s: 20 });
    expect(await textOf(connection, uriOf(id))).toMatch(/^(?:running|waiting for input) · [^\n]*\nbegun\n$/);
    await connection.call("ssh_input", { command: id, eof: true, wait_s: 20 });
    expect(await textOf(connection, uriOf(id))).toMatch(/^exit 3 · [^\n]*\nbegun\nover\n$/);
  });

  it.each([
    ["ssh://commands/box/99999/output", /command_unknown/],
    ["ssh://commands/nobody/1/output", /session_unknown/],
    ["ssh://commands/box/0/output", /not found/],
    ["ssh://commands/box/1/screen", /not found/],
    ["file:///etc/passwd", /not found/],
  ])("has no %s", async (uri, message) => {
    await expect(connection.client.readResource({ uri })).rejects.toThrow(message);
  });

  it("shows a session's screen, and tells when it changes", async () => {
    const uri = "ssh://sessions/box/screen";
    await expect(connection.client.readResource({ uri })).rejects.toThrow(/command_unknown/);
    const command = "while read -r x; do printf '\\033[2J\\033[H<%s>' \"$x\"; done";
    const { text } = await connection.call("ssh_run", { on: "box", command, pty: true, cols: 40, rows: 10, wait_s: 0 });
    const id = /box\/\d+/.exec(text)?.[0] ?? "";
    expect((await connection.client.listResources()).resources).toContainEqual(expect.objectContaining({ uri }));
    const ref = { type: "ref/resource", uri: screenTemplate } as const;
    const completed = await connection.client.complete({ ref, argument: { name: "name", value: "b" } });
    expect(completed.completion.values).toEqual(["box"]);
    const follow = await subscribe(connection, era, uri);
    await connection.call("ssh_input", { command: id, text: "once\n" });
    await waitUntil("the news of it", () => updates.some((update) => update.uri === uri), 20_000);
    await follow.end();
    updates.length = 0;
    expect(await textOf(connection, uri)).toMatch(
      /^(?:running|waiting for input) · [^\n]*\nscreen 40x10 · [^\n]*\n<once>$/,
    );
    await connection.call("ssh_stop", { command: id, signal: "KILL" });
  });

  it("completes sessions and numbers", async () => {
    const ref = { type: "ref/resource", uri: template } as const;
    const id = await start("true");
    const sessions = await connection.client.complete({ ref, argument: { name: "session", value: "b" } });
    expect(sessions.completion.values).toEqual(["box"]);
    const numbers = await connection.client.complete({
      ref,
      argument: { name: "n", value: "" },
      context: { arguments: { session: "box" } },
    });
    expect(numbers.completion.values).toContain(id.split("/")[1]);
  });

  it("tells subscribers of changes, at most twice a second, to the end, and nobody else", async () => {
    const id = await start("for i in $(seq 30); do echo $i; sleep 0.1; done");
    const silent = await start("for i in $(seq 30); do echo $i; sleep 0.1; done");
    updates.length = 0;
    const follow = await subscribe(connection, era, uriOf(id));
    const first = monotonicMs();
    await connection.call("ssh_read", { command: id, wait_s: 60 });
    await waitUntil("the last change to be told", () => updates.length >= 3, 20_000);
    const seconds = (monotonicMs() - first) / 1_000;
    expect(updates.length).toBeLessThanOrEqual(2 * seconds + 3);
    for (const { uri } of updates) expect(uri).toBe(uriOf(id));
    expect(await textOf(connection, uriOf(id))).toMatch(/^exit 0 /);
    await connection.call("ssh_read", { command: silent, wait_s: 60 });
    await follow.end();
  });

  it("tells nothing after the subscription has ended", async () => {
    const id = await start("while :; do echo tick; sleep 0.2; done");
    updates.length = 0;
    const follow = await subscribe(connection, era, uriOf(id));
    await waitUntil("a change", () => updates.length > 0, 20_000);
    await follow.end();
    await connection.call("ssh_read", { command: id, wait_s: 1 });
    updates.length = 0;
    await connection.call("ssh_read", { command: id, wait_s: 2 });
    expect(updates).toEqual([]);
    await connection.call("ssh_stop", { command: id });
  });

  it("has three prompts, with completion of hosts", async () => {
    const { prompts } = await connection.client.listPrompts();
    expect(prompts.map((prompt) => prompt.name)).toEqual(["diagnose_host", "roll_out_change", "follow_log"]);
    const { messages } = await connection.client.getPrompt({
      name: "roll_out_change",
      arguments: { hosts: "web1, web2", change: "apt-get upgrade -y" },
    });
    const text = messages.map(({ content }) => (content.type === "text" ? content.text : "")).join("\n");
    expect(text).toContain('["web1","web2"]');
    expect(text).toContain("apt-get upgrade -y");
    await expect(connection.client.getPrompt({ name: "diagnose_host", arguments: {} })).rejects.toThrow(/needs "host"/);
    await expect(connection.client.getPrompt({ name: "nothing" })).rejects.toThrow(/no prompt "nothing"/);
    const ref = { type: "ref/prompt", name: "roll_out_change" } as const;
    const hosts = await connection.client.complete({ ref, argument: { name: "hosts", value: "other, b" } });
    expect(hosts.completion.values).toEqual(["other, box"]);
    const free = await connection.client.complete({ ref, argument: { name: "change", value: "x" } });
    expect(free.completion.values).toEqual([]);
  });
});

async function textOf(connection: AnyConnection, uri: string): Promise<string> {
  const { contents } = await connection.client.readResource({ uri });
  return contents.map((content) => ("text" in content ? content.text : "")).join("\n");
}

async function subscribe(connection: AnyConnection, era: Era, uri: string): Promise<{ end(): Promise<void> }> {
  const { client } = connection;
  if (era === "legacy") {
    await client.subscribeResource({ uri });
    await expect(client.subscribeResource({ uri: "ssh://commands/box/99999/output" })).rejects.toThrow(/unknown/);
    return {
      end: async () => {
        await client.unsubscribeResource({ uri });
      },
    };
  }
  const subscription = await client.listen({ resourceSubscriptions: [uri] });
  return { end: () => subscription.close() };
}
