import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { builtServer, makePlace, type Place } from "../mcp/connect.ts";
import { ask, callBody, connectHttp, serve, type Served } from "./serve.ts";

const token = "correct-horse-battery-staple";

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function run(file: string, args: readonly string[], env: Record<string, string>): Promise<Outcome> {
  return new Promise((resolve) => {
    execFile(file, args, { env, timeout: 60_000 }, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === "number" ? error.code : error === null ? 0 : -1, stdout, stderr });
    });
  });
}

describe("holdfast serve on loopback", () => {
  let place: Place;
  let server: Served;
  beforeAll(async () => {
    place = await makePlace();
    server = await serve(place);
  });
  afterAll(async () => {
    expect(await server.stop()).toBe(0);
    await place.remove();
  });

  it("answers a plain curl without a handshake, in plain JSON", async () => {
    const headers = ["-H", "content-type: application/json"];
    const reply = await run("curl", ["-sS", ...headers, "-d", callBody("ssh_list"), server.url.href], place.env);
    expect(reply).toMatchObject({ code: 0, stderr: "" });
    expect(JSON.parse(reply.stdout)).toEqual({
      jsonrpc: "2.0",
      id: 1,
      result: { content: [{ type: "text", text: "0 sessions · ssh_run opens one" }], isError: false },
    });
  });

  it.each(["*/*", "application/json", undefined])("answers plainly to a client that accepts %s", async (accept) => {
    const headers = accept === undefined ? {} : { accept };
    const answer = await ask(server.url, { headers, body: callBody("ssh_list") });
    expect(answer).toMatchObject({ status: 200, headers: { "content-type": "application/json" } });
  });

  it("lists the tools, and answers a batch", async () => {
    const list = { jsonrpc: "2.0", id: 7, method: "tools/list" };
    expect((await ask(server.url, { body: JSON.stringify(list) })).body).toContain('"name":"ssh_run"');
    const batch = await ask(server.url, { body: JSON.stringify([list, { ...list, id: 8 }]) });
    expect(JSON.parse(batch.body)).toMatchObject([{ id: 7 }, { id: 8 }]);
  });

  it("tells that it is well, to anybody", async () => {
    expect(await ask(server.url, { path: "/healthz" })).toMatchObject({ status: 200, body: '{"status":"ok"}' });
    expect(await ask(server.url, { path: "/healthz", body: "{}" })).toMatchObject({ status: 405 });
  });

  it.each([
    ["evil.example", 403],
    ["evil.example:80", 403],
    ["127.0.0.1.evil.example", 403],
    ["localhost.", 403],
    ["a b", 403],
    ["localhost", 200],
    ["LOCALHOST:1", 200],
    ["127.0.0.1:1", 200],
    ["[::1]:1", 200],
  ])("asked as host %j it answers %i", async (host, status) => {
    expect((await ask(server.url, { headers: { host }, body: callBody("ssh_list") })).status).toBe(status);
    expect((await ask(server.url, { headers: { host }, path: "/healthz" })).status).toBe(status);
  });

  it.each([
    ["http://evil.example", 403],
    ["http://localhost:1", 403],
    ["http://localhost.evil.example", 403],
    ["null", 403],
    ["", 403],
    ["file://", 403],
  ])("for pages of %j it answers %i", async (origin, status) => {
    const answer = await ask(server.url, { headers: { origin }, body: callBody("ssh_list") });
    expect(answer.status).toBe(status);
    expect(answer.headers).not.toHaveProperty("access-control-allow-origin");
    expect((await ask(server.url, { method: "OPTIONS", headers: { origin } })).status).toBe(403);
  });

  it("lets its own pages in", async () => {
    const { origin } = server.url;
    expect((await ask(server.url, { headers: { origin }, body: callBody("ssh_list") })).status).toBe(200);
  });

  it("refuses a body that is no JSON, or of another type, and says so", async () => {
    for (const body of ["", "{", "nonsense", "\u0000", Buffer.from([0xff, 0xfe, 0x7b])]) {
      const answer = await ask(server.url, { body });
      expect(answer).toMatchObject({ status: 400, body: expect.stringContaining('"code":-32700') });
    }
    for (const type of ["text/plain", "application/x-www-form-urlencoded", "application/jsonp", ""]) {
      const answer = await ask(server.url, { headers: { "content-type": type }, body: callBody("ssh_list") });
      expect(answer).toMatchObject({ status: 415, body: expect.stringContaining("application/json") });
    }
  });

  it.each([
    "null",
    "1",
    '"x"',
    "[]",
    "{}",
    "[1]",
    '{"jsonrpc":"1.0","id":1,"method":"ping"}',
    '{"jsonrpc":"2.0","id":{},"method":"ping"}',
    '{"jsonrpc":"2.0","id":1,"method":7}',
    '{"jsonrpc":"2.0","id":1,"method":"initialize"}',
    '{"jsonrpc":"2.0","id":1,"method":"no/such/method"}',
    `${"[".repeat(100_000)}${"]".repeat(100_000)}`,
    `{"a":${"[".repeat(100_000)}${"]".repeat(100_000)}}`,
  ])("answers %.60s with a JSON-RPC error", async (body) => {
    const answer = await ask(server.url, { body });
    expect(answer.status).toBeLessThan(500);
    expect(answer.body).toMatch(/"error":\{"code":-32/);
  });

  it("refuses a body over 8 MiB, announced or not, and goes on", async () => {
    const body = Buffer.alloc(8 * 1_024 * 1_024 + 1, "a");
    for (const headers of [{}, { "transfer-encoding": "chunked" }]) {
      const answer = await ask(server.url, { headers, body });
      expect(answer).toMatchObject({ status: 413, body: expect.stringContaining("larger than 8388608 bytes") });
    }
    expect((await ask(server.url, { body: callBody("ssh_list", { x: "a".repeat(8_000_000) }) })).status).toBe(200);
  });

  it("has nothing elsewhere, and no session for those that name one", async () => {
    expect((await ask(server.url, { path: "/" })).status).toBe(404);
    expect((await ask(server.url, { path: "/sse" })).status).toBe(404);
    expect((await ask(server.url, { path: "//mcp" })).status).toBe(404);
    expect(await ask(server.url)).toMatchObject({ status: 405, headers: { allow: "POST" } });
    expect(await ask(server.url, { method: "DELETE" })).toMatchObject({ status: 405 });
    expect(await ask(server.url, { method: "PUT" })).toMatchObject({ status: 405 });
    const headers = { "mcp-session-id": "nope", accept: "application/json, text/event-stream" };
    for (const method of ["GET", "DELETE"]) expect((await ask(server.url, { method, headers })).status).toBe(404);
    expect((await ask(server.url, { headers, body: callBody("ssh_list") })).status).toBe(404);
  });

  it("ends a session of an older client at its word", async () => {
    const { client } = await connectHttp(server.url, "legacy");
    const { transport } = client;
    const id = transport?.sessionId ?? "";
    expect(id).toMatch(/^[0-9a-f-]{36}$/);
    const headers = { "mcp-session-id": id };
    expect((await ask(server.url, { method: "DELETE", headers })).status).toBe(200);
    expect((await ask(server.url, { method: "DELETE", headers })).status).toBe(404);
    await client.close();
  });
});

describe("holdfast serve with a token", () => {
  let directory: string;
  let tokenFile: string;
  let place: Place;
  let server: Served;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "holdfast-token-"));
    tokenFile = join(directory, "token");
    await writeFile(tokenFile, `${token}\n`, { mode: 0o600 });
    place = await makePlace();
    server = await serve(place, [
      "--host",
      "0.0.0.0",
      "--token-file",
      tokenFile,
      "--allowed-host",
      "ssh.example,[fd00::1]",
    ]);
  });
  afterAll(async () => {
    expect(await server.stop()).toBe(0);
    expect(server.output()).not.toContain(token);
    await place.remove();
    await rm(directory, { recursive: true });
  });

  const local = (): URL => new URL(`http://127.0.0.1:${server.url.port}/mcp`);

  it.each([
    ["none", undefined],
    ["a wrong one", "Bearer wrong-horse-battery-staple"],
    ["a part of it", `Bearer ${token.slice(0, -1)}`],
    ["more than it", `Bearer ${token}x`],
    ["two words", `Bearer ${token} ${token}`],
    ["no scheme", token],
    ["another scheme", `Basic ${token}`],
    ["an empty one", "Bearer "],
  ])("refuses %s", async (_what, authorization) => {
    const headers: Record<string, string> = authorization === undefined ? {} : { authorization };
    const answer = await ask(local(), { headers, body: callBody("ssh_list") });
    expect(answer).toMatchObject({ status: 401, headers: { "www-authenticate": 'Bearer realm="holdfast"' } });
    expect(answer.body).not.toContain(token);
    expect((await ask(local(), { headers, path: "/anywhere" })).status).toBe(401);
  });

  it.each(["Bearer", "bearer"])("takes the right one after %s", async (scheme) => {
    const headers = { authorization: `${scheme} ${token}` };
    expect((await ask(local(), { headers, body: callBody("ssh_list") })).status).toBe(200);
    const { client, call } = await connectHttp(local(), "legacy", headers);
    expect((await call("ssh_list", {})).text).toMatch(/^0 sessions/);
    await client.close();
  });

  it("is well without one", async () => {
    expect((await ask(local(), { path: "/healthz" })).status).toBe(200);
  });

  it("goes by the names it was given, and no others", async () => {
    const authorization = `Bearer ${token}`;
    for (const host of ["ssh.example", "SSH.example:443", "[fd00::1]:80"]) {
      const headers = { host, authorization, origin: `https://${host}` };
      expect((await ask(local(), { headers, body: callBody("ssh_list") })).status).toBe(200);
    }
    const foreign = { host: "other.example", authorization };
    expect((await ask(local(), { headers: foreign, body: callBody("ssh_list") })).status).toBe(403);
  });
});

describe("holdfast serve that cannot start", () => {
  let directory: string;
  let place: Place;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "holdfast-token-"));
    place = await makePlace();
  });
  afterAll(async () => {
    await place.remove();
    await rm(directory, { recursive: true });
  });

  const refused = (words: readonly string[], env: Record<string, string> = {}): Promise<Outcome> =>
    run(process.execPath, [builtServer, "serve", ...words], { ...place.env, ...env });

  it("says that the port is taken", async () => {
    const server = await serve(place);
    try {
      expect(await refused(["--port", server.url.port])).toEqual({
        code: 1,
        stdout: "",
        stderr: `config_invalid: 127.0.0.1:${server.url.port} is taken. Choose another port with --port, or 0 for any free one.\n`,
      });
      expect((await refused([], { MCP_PORT: server.url.port })).stderr).toContain(`:${server.url.port} is taken`);
    } finally {
      await server.stop();
    }
  });

  it.each([["0.0.0.0"], ["::"], ["[::]"]])("does not listen on %s without a token", async (host) => {
    expect(await refused(["--port", "0", "--host", host])).toMatchObject({
      code: 1,
      stdout: "",
      stderr: expect.stringMatching(/^config_invalid: .* no token is asked for\. .*--token-file/),
    });
  });

  it.each<[string[], Record<string, string>, number, RegExp]>([
    [["--port", "65536"], {}, 2, /"65536" is no port/],
    [["--port", "-1"], {}, 2, /--port/],
    [["--port", "http"], {}, 2, /"http" is no port/],
    [[], { MCP_PORT: "many" }, 1, /^config_invalid: MCP_PORT is "many"/],
    [["--host", "no.such.host.invalid"], {}, 1, /^config_invalid: there is no address/],
    [["--token-file", "/nonexistent/token"], {}, 1, /^config_invalid: the token file .* cannot be read/],
    [["extra"], {}, 2, /"extra" is too much/],
  ])("refuses %j with %j", async (words, env, code, message) => {
    const port = words.includes("--port") || "MCP_PORT" in env ? [] : ["--port", "0"];
    expect(await refused([...port, ...words], env)).toEqual({
      code,
      stdout: "",
      stderr: expect.stringMatching(message),
    });
  });

  it.each([
    ["open", token, 0o644, /can be read by others. Run: chmod 600/],
    ["short", "fifteen-letters", 0o600, /fewer than 16 characters/],
    ["empty", "", 0o600, /fewer than 16 characters/],
    ["wordy", `${token} ${token}`, 0o600, /more than one word/],
    ["huge", "x".repeat(10_000), 0o600, /too large/],
  ])("refuses a token file that is %s", async (name, content, mode, message) => {
    const file = join(directory, name);
    await writeFile(file, content, { mode });
    const outcome = await refused(["--port", "0", "--token-file", file]);
    expect(outcome).toMatchObject({ code: 1, stdout: "", stderr: expect.stringMatching(message) });
    if (content !== "") expect(outcome.stderr).not.toContain(content);
  });

  it("refuses a directory as a token file", async () => {
    expect((await refused(["--port", "0", "--token-file", directory])).stderr).toMatch(/is no file|cannot be read/);
  });
});
