import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startOpenSsh, waitUntil, type TestServer } from "../helpers/servers/index.ts";
import { eras, makePlace, type Place } from "../mcp/connect.ts";
import { ask, callBody, connectHttp, serve } from "./serve.ts";

let sshd: TestServer;
let place: Place;

beforeAll(async () => {
  sshd = await startOpenSsh();
  place = await makePlace(sshd.sshConfigFile);
});
afterAll(async () => {
  const server = await serve(place);
  await ask(server.url, { body: callBody("ssh_close", { all: true, force: true }) });
  await server.stop();
  await sshd.stop();
  await place.remove();
});

it.each(eras)("lets short calls of %s end, hands long ones back, and loses nothing", async (revision, era) => {
  const first = await serve(place);
  const { client, call } = await connectHttp(first.url, era);
  const [short, long] = [`short${revision.slice(0, 4)}`, `long${revision.slice(0, 4)}`];
  for (const name of [short, long]) await call("ssh_open", { target: "box", name });
  const started = async (): Promise<boolean> => {
    const list = (await call("ssh_list", { what: "commands", state: "running" })).text;
    return list.includes(`${short}/1`) && list.includes(`${long}/1`);
  };
  const go = (name: string): string => join(sshd.directory, name);
  const say = (on: string, what: string): Promise<{ readonly text: string }> =>
    call("ssh_run", { on, command: `until [ -e ${go(on)} ]; do sleep 0.1; done; echo ${what}`, wait_s: 600 });
  const [soon, later] = [say(short, "soon"), say(long, "later")];
  await waitUntil("both commands to run", started, 60_000);
  const code = first.stop();
  writeFileSync(go(short), "");
  expect((await soon).text).toMatch(/^exit 0 .*\nsoon\n$/);
  expect((await later).text).toMatch(/^running · .* · next: ssh_read /);
  writeFileSync(go(long), "");
  expect(await code).toBe(0);
  await client.close();
  await expect(ask(first.url, { path: "/healthz" })).rejects.toThrow(/ECONNREFUSED/);

  const second = await serve(place);
  const reply = await ask(second.url, { body: callBody("ssh_read", { command: `${long}/1`, wait_s: 60 }) });
  expect(reply.body).toMatch(/exit 0 · [^"]*\\nlater\\n"/);
  expect(await second.stop()).toBe(0);
});

it("ends at once when nothing runs, also with streams and sessions open", async () => {
  const server = await serve(place, ["--legacy-sse"]);
  const older = await connectHttp(server.url, "legacy");
  const newer = await connectHttp(server.url, { pin: "2026-07-28" });
  const stream = await fetch(new URL("/sse", server.url), { headers: { accept: "text/event-stream" } });
  expect(stream.status).toBe(200);
  const startedMs = performance.now();
  expect(await server.stop("SIGINT")).toBe(0);
  // Far below the time that running calls are given.
  expect(performance.now() - startedMs).toBeLessThan(4_500);
  expect(await stream.text()).toContain("event: endpoint");
  for (const { client } of [older, newer]) await client.close();
});

it("does not wait for a call whose client has a question to answer", async () => {
  const asking = await makePlace(join(sshd.directory, "unknown_config"));
  writeFileSync(
    join(sshd.directory, "unknown_config"),
    `Host unknown\n  HostName 127.0.0.1\n  Port ${sshd.port}\n  UserKnownHostsFile /dev/null\n  IdentityFile ${sshd.keyFile}\n`,
  );
  const server = await serve(asking);
  const meta = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientInfo": { name: "t", version: "1" },
    "io.modelcontextprotocol/clientCapabilities": { elicitation: { url: {} } },
  };
  const params = { name: "ssh_open", arguments: { target: "unknown" }, _meta: meta };
  const reply = await ask(server.url, {
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params }),
    headers: {
      accept: "application/json, text/event-stream",
      "mcp-protocol-version": "2026-07-28",
      "mcp-method": "tools/call",
      "mcp-name": "ssh_open",
    },
  });
  expect(reply.body).toContain("input_required");
  const startedMs = performance.now();
  expect(await server.stop()).toBe(0);
  expect(performance.now() - startedMs).toBeLessThan(4_500);
  await asking.remove();
});
