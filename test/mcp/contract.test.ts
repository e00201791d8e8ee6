import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { text as readAll } from "node:stream/consumers";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { builtServer, connectTo, eras, makePlace, type Connection, type Place } from "./connect.ts";

let place: Place;
beforeAll(async () => {
  place = await makePlace();
});
afterAll(async () => {
  await place.remove();
});

describe.each(eras)("the server to a client of %s", (revision, era) => {
  let connection: Connection;
  beforeAll(async () => {
    connection = await connectTo(place, era);
  });
  afterAll(async () => {
    await connection.client.close();
  });

  it("negotiates that revision and introduces itself briefly", () => {
    expect(connection.client.getNegotiatedProtocolVersion()).toBe(revision);
    const instructions = connection.client.getInstructions() ?? "";
    expect(instructions.length).toBeGreaterThan(500);
    expect(instructions.length).toBeLessThanOrEqual(1_200);
    expect(instructions.slice(0, 500)).toContain("ssh_run");
  });

  it("lists its tools in at most 8 KB, each as reviewed", async () => {
    const { tools } = await connection.client.listTools();
    expect(JSON.stringify(tools).length).toBeLessThanOrEqual(8_192);
    for (const tool of tools) {
      await expect(`${JSON.stringify(tool, undefined, 2)}\n`).toMatchFileSnapshot(`__tools__/${tool.name}.snap`);
    }
  });

  it("refuses an unknown argument and lists the known ones", async () => {
    expect(await connection.call("ssh_list", { wat: 1 })).toEqual({
      isError: true,
      text: 'bad_input: ssh_list does not know "wat". Known: what, session, state, owner, limit.',
    });
  });

  it("answers a call of a tool that does not exist", async () => {
    expect(await connection.call("ssh_fly", {})).toMatchObject({
      isError: true,
      text: expect.stringMatching(/^bad_input: there is no tool "ssh_fly"\. Known: ssh_run, /),
    });
  });

  it("takes a 10 MB argument and refuses it in one line", async () => {
    const reply = await connection.call("ssh_run", { on: "x", command: `echo ${"x".repeat(10_000_000)}` });
    expect(reply.text).toMatch(/^too_large: the command has 10000005 bytes; at most 4194304 are taken\. /);
    expect(reply.text.length).toBeLessThan(300);
  });
});

describe("the server process", () => {
  const started: ChildProcess[] = [];
  afterEach(() => {
    for (const child of started.splice(0)) child.kill("SIGKILL");
  });

  function start(): ChildProcess & { stdin: NodeJS.WritableStream; stdout: NodeJS.ReadableStream } {
    const child = spawn(process.execPath, [builtServer, "--no-daemon"], {
      env: place.env,
      stdio: ["pipe", "pipe", "inherit"],
    });
    started.push(child);
    return child;
  }

  const initialize = {
    jsonrpc: "2.0",
    id: 1,
    method: "initialize",
    params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "raw", version: "1" } },
  };

  it("answers all that came before the end of stdin, says nothing else, and ends at once", async () => {
    const child = start();
    const output = readAll(child.stdout);
    const calls = Array.from({ length: 50 }, (_, index) => ({
      jsonrpc: "2.0",
      id: index + 2,
      method: "tools/call",
      params: { name: "ssh_list", arguments: { what: "targets" } },
    }));
    child.stdin.end(
      [initialize, { jsonrpc: "2.0", method: "notifications/initialized" }, ...calls]
        .map((message) => `${JSON.stringify(message)}\n`)
        .join(""),
    );
    const [code] = await once(child, "close");
    expect(code).toBe(0);
    const lines = (await output).trimEnd().split("\n");
    const ids = lines.map((line) => Number(/"id":(\d+)/.exec(line)?.[1])).sort((one, other) => one - other);
    expect(ids).toEqual(Array.from({ length: 51 }, (_, index) => index + 1));
    for (const line of lines) expect(JSON.parse(line)).toMatchObject({ jsonrpc: "2.0" });
  });

  it("ends within a second of the end of stdin without any message", async () => {
    const child = start();
    const output = readAll(child.stdout);
    child.stdin.end();
    expect(await once(child, "close")).toEqual([0, null]);
    expect(await output).toBe("");
  });

  it("goes on after lines that are no messages", async () => {
    const child = start();
    const output = readAll(child.stdout);
    child.stdin.write(`${JSON.stringify(initialize)}\nnot json\n{"no":"message"}\n\n`);
    child.stdin.write(`${"x".repeat(34_000_000)}\n`);
    child.stdin.end(`${JSON.stringify({ jsonrpc: "2.0", id: 2, method: "tools/list" })}\n`);
    await once(child, "close");
    const replies = (await output)
      .trimEnd()
      .split("\n")
      .map((line): unknown => JSON.parse(line));
    const broken = (code: number): unknown =>
      expect.objectContaining({ id: null, error: expect.objectContaining({ code }) });
    expect(replies).toHaveLength(5);
    expect(replies).toEqual(
      expect.arrayContaining([
        broken(-32_700),
        broken(-32_600),
        expect.objectContaining({ id: 1, result: expect.anything() }),
        expect.objectContaining({ id: 2, result: expect.anything() }),
      ]),
    );
  });

  it.each(["SIGTERM", "SIGINT"] as const)("ends on %s", async (signal) => {
    const child = start();
    child.stdin.write(`${JSON.stringify(initialize)}\n`);
    await once(child.stdout, "data");
    child.kill(signal);
    expect(await once(child, "close")).toEqual([0, null]);
  });
});
