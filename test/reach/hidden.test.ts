import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Cleanup } from "../helpers/cleanup.ts";
import { canMakeUsers } from "../helpers/servers/index.ts";
import { startAgent, type Agent } from "./agent.ts";
import { writeClientSide, type ClientSide } from "./client-side.ts";
import { playRow } from "./play-reach.ts";
import { startReachServers } from "./reach-servers.ts";
import { reachRows } from "./rows.ts";

/** What was heard around the first place where something real stands, or nothing. */
function leakOf(all: string, real: string): string {
  // A word of its own: 127.7.0.2 is no part of 127.7.0.20.
  const word = new RegExp(`(?<![A-Za-z0-9])${real.replaceAll(".", String.raw`\.`)}(?![A-Za-z0-9])`);
  const at = word.exec(all)?.index;
  return at === undefined ? "" : all.slice(Math.max(0, at - 200), at + 80);
}

describe.runIf(canMakeUsers)("hide_addresses", () => {
  const cleanup = new Cleanup();
  let agent: Agent;
  let side: ClientSide;

  beforeAll(async () => {
    const servers = await startReachServers(cleanup);
    side = await writeClientSide(servers, true);
    agent = await startAgent(cleanup, servers, side);
  });
  afterAll(() => cleanup.run());

  it("every host is reached or refused as without", async () => {
    const outcomes = await Promise.all(reachRows(1).map((row) => playRow(agent, row)));
    expect(outcomes.filter(({ asExpected }) => !asExpected).map(({ row, text }) => `${row.what}: ${text}`)).toEqual([]);
  });

  it("all tools do their work", async () => {
    await sessionsAndCommands(agent);
    await files(agent);
    await tunnels(agent);
    await lists(agent);
    await mistakes(agent);
    await lostConnections(agent);
    await everythingElse(agent);
    await otherTools(agent);
    await agent.call("ssh_close", { all: true, force: true });
  });

  it("no address and no user got out: in replies, questions, progress, lists, resources, on stderr or in a log", () => {
    const log = readFileSync(join(agent.place.root, "state", "daemon.log"), "utf8");
    const all = `${agent.heard()}\n${log}`;
    expect(all).toContain("notifications/progress");
    expect(all).toContain("elicitation/create");
    expect(side.realNames.map((real) => leakOf(all, real)).filter((leak) => leak !== "")).toEqual([]);
  });
});

async function sessionsAndCommands({ call, servers }: Agent): Promise<void> {
  const target = "plain";
  const { address = "" } = servers.places.get(target) ?? {};
  const me = servers.user.name;
  expect(await call("ssh_open", { target, name: "work", env: { WHO: me }, owner: me })).toMatch(/^open · work/);
  const shown = "echo $SSH_CONNECTION; id; pwd; env; getent passwd $(id -un); echo $WHO";
  expect(await call("ssh_run", { on: "work", command: shown })).toMatch(/^exit 0/);
  const slow = `for i in 1 2 3; do echo ${address} ${me} >&2; echo ${me}@${address}; sleep 1; done`;
  expect(await call("ssh_run", { on: "work", command: slow, wait_s: 30 })).toMatch(/^exit 0/);
  expect(await call("ssh_run", { on: ["work", "dropbear", "no-alias"], command: "whoami; hostname -I" })).toMatch(
    /3 targets/,
  );
  expect(await call("ssh_run", { on: "work", command: "cat; whoami", wait_s: 0, key: `k-${me}` })).toMatch(/^running/);
  await call("ssh_run", { on: "work", command: "id >&2; exit 3", cwd: `~${me}` });
  const id = "work/3";
  await call("ssh_input", { command: id, text: `${me} at ${address}\n`, wait_s: 1 });
  await call("ssh_read", { command: id, wait_s: 0, grep: me, raw: true });
  await call("ssh_input", { command: id, eof: true });
  await call("ssh_read", { command: "work/2", raw: true, grep: address, context: 1 });
  await call("ssh_read", { command: "work/2", stream: "stderr", tail: 1 });
  await call("ssh_run", { on: "work", command: `sleep 600 # ${address}`, wait_s: 0, background: true });
  expect(await call("ssh_list", { what: "commands" })).toContain("sleep 600");
  await call("ssh_stop", { command: "work/5", escalate: true });
}

/** Names of users and addresses in what is read, written and listed, and in paths. */
async function files({ call, servers }: Agent): Promise<void> {
  const { address = "" } = servers.places.get("plain") ?? {};
  const me = servers.user.name;
  const path = `~/${me}@${address}`;
  const content = `User ${me}\nHostName ${address}\n`;
  expect(await call("ssh_file_write", { on: "work", path, content })).toMatch(/^(written|file|created)/);
  await call("ssh_file_read", { on: "work", path });
  await call("ssh_file_read", { on: "work", path: "~" });
  await call("ssh_file_read", { on: "work", path: "/etc/passwd", tail: 5 });
  const edits = [{ old: me, new: `${me}2` }];
  await call("ssh_file_edit", { on: "work", path, edits });
  await call("ssh_file_edit", { on: "work", path, edits: [{ old: "nothing", new: address }] });
  await call("ssh_file_write", { on: "work", path: `/root/${me}`, content });
  await call("ssh_file_read", { on: "work", path: `/no/${me}/${address}` });
  await call("ssh_run", { on: "work", command: "whoami", sudo: true });
}

/** What is told while connections are lost and made again. */
async function lostConnections({ call }: Agent): Promise<void> {
  const command = 'pkill -KILL -u "$(id -u)" sshd; sleep 2; whoami';
  expect(await call("ssh_run", { on: "work", command, wait_s: 60 })).toMatch(/^exit 0/);
  await call("ssh_list", { what: "sessions" });
  await call("ssh_list", { what: "tunnels" });
}

/** Words for whatever parameters a tool has that nothing above knows of. */
const anyValue: Readonly<Record<string, string>> = {
  on: "work",
  session: "work",
  target: "plain",
  command: "work/1",
  path: "/etc/passwd",
  from: "work:/etc/passwd",
  to: "work:/no/such/place",
};

/** Every tool is called with something, so that none is left out that came later. */
async function otherTools({ client, call, called }: Agent): Promise<void> {
  const { tools } = await client.listTools();
  for (const { name, inputSchema } of tools.filter((tool) => !called.has(tool.name))) {
    const args = Object.fromEntries((inputSchema.required ?? []).map((wanted) => [wanted, anyValue[wanted] ?? "x"]));
    await call(name, args);
  }
  expect(tools.map(({ name }) => name).filter((name) => !called.has(name))).toEqual([]);
}

async function tunnels({ call, servers }: Agent): Promise<void> {
  const { address = "", port = 0 } = servers.places.get("outer") ?? {};
  for (const kind of ["local", "remote", "socks"]) {
    await call("ssh_tunnel", { action: "open", on: "work", kind, to: `${address}:${port}` });
  }
  await call("ssh_tunnel", { action: "open", on: "work", listen: `${address}:${port}`, to: `${address}:${port}` });
  await call("ssh_tunnel", { action: "open", on: "work", listen: "/no/such/place", to: "/run/nothing" });
  await call("ssh_tunnel", { action: "list" });
  await call("ssh_list", { what: "tunnels" });
  await call("ssh_tunnel", { action: "close", id: "t1" });
}

async function lists({ call }: Agent): Promise<void> {
  for (const what of ["targets", "sessions", "commands", "tunnels"]) await call("ssh_list", { what });
  await call("ssh_list", { what: "sessions", session: "plain" });
  await call("ssh_list", { what: "commands", session: "work" });
}

async function mistakes({ call, servers }: Agent): Promise<void> {
  const { port = 0 } = servers.places.get("outer") ?? {};
  await call("ssh_run", { on: "nothing/here", command: "true" });
  await call("ssh_open", { target: "plain", name: "work" });
  await call("ssh_open", { target: "plain", name: "other", port, retries: 0 });
  await call("ssh_open", { target: "plain", name: "jumping", jump: ["outer", "nowhere"], retries: 0 });
  await call("ssh_read", { command: "work/99" });
  await call("ssh_close", { session: "no-such-session" });
  await call("ssh_run", { on: "work", command: "cd /root/nothing", unknown: true });
}

/** What clients ask for beside tools. */
async function everythingElse({ client }: Agent): Promise<void> {
  await client.listTools();
  const { prompts } = await client.listPrompts();
  for (const { name, arguments: wanted = [] } of prompts) {
    const args = Object.fromEntries(wanted.map((one) => [one.name, "plain"]));
    await client.getPrompt({ name, arguments: args }).catch(() => undefined);
  }
  await client.listResourceTemplates();
  const { resources } = await client.listResources();
  for (const { uri } of resources) await client.readResource({ uri });
  const { resourceTemplates } = await client.listResourceTemplates();
  for (const { uriTemplate } of resourceTemplates) {
    for (const name of ["session", "n"]) {
      const request = { ref: { type: "ref/resource", uri: uriTemplate }, argument: { name, value: "" } } as const;
      await client.complete(request).catch(() => undefined);
    }
  }
}
