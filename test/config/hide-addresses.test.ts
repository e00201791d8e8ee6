import { execFile } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport, getDefaultEnvironment } from "@modelcontextprotocol/client/stdio";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Cleanup } from "../helpers/cleanup.ts";
import { createPrivatePlace, type PrivatePlace } from "../helpers/private-place.ts";
import { canMakeUsers, createLoginUser, startOpenSsh } from "../helpers/servers/index.ts";
import { builtServer } from "../mcp/connect.ts";

/** Everything that a server let out, word by word. */
class Overheard {
  readonly messages: string[] = [];
  stderr = "";
}

const cleanup = new Cleanup();
const heard = new Overheard();
let place: PrivatePlace;
let client: Client;
let user = "";
let env: Record<string, string> = {};

async function call(name: string, args: Record<string, unknown>): Promise<string> {
  const result = await client.callTool({ name, arguments: args }, { timeout: 120_000, onprogress: () => undefined });
  return result.content.map((part) => (part.type === "text" ? part.text : "")).join("\n");
}

describe.runIf(canMakeUsers)("hide_addresses, through a daemon", () => {
  beforeAll(async () => {
    const loginUser = await createLoginUser();
    cleanup.add(() => loginUser.remove());
    const server = await startOpenSsh({ loginUser });
    cleanup.add(() => server.stop());
    user = server.user;
    place = await createPrivatePlace("/dev/null");
    cleanup.add(() => place.remove());
    const file = join(place.root, "settings.yaml");
    const there = `host: 127.0.0.1, port: ${server.port}, key_path: ${server.keyFile}`;
    const web = `${there}, user: ${user}`;
    const lines = [
      "hide_addresses: true",
      "targets:",
      `  web1: {${web}, known_hosts: ${server.knownHostsFile}, notes: 'runs as ${user} on 127.0.0.1', tags: [web]}`,
      `  web2: {${web}, known_hosts: ${server.knownHostsFile}, tags: [web]}`,
      `  stranger: {${web.replace("127.0.0.1", "localhost")}, known_hosts: /dev/null, host_keys: strict}`,
      `  asking: {${web}, known_hosts: /dev/null, host_keys: ask}`,
      `  nobody: {${there}, known_hosts: ${server.knownHostsFile}, user: wronguser}`,
      "  dead: {host: 127.0.0.1, port: 1}",
      "  nowhere: {host: no-such-host.invalid}",
      "  behind: {host: 127.0.0.1, jump: hopuser@hop-host.invalid}",
      "",
    ];
    writeFileSync(file, lines.join("\n"), { mode: 0o600 });
    env = { ...getDefaultEnvironment(), ...place.env, HOLDFAST_ASK_WAIT_S: "1" };
    const transport = new StdioClientTransport({
      command: process.execPath,
      args: [builtServer, "--config", file],
      env,
      stderr: "pipe",
    });
    env["HOLDFAST_CONFIG"] = file;
    transport.stderr?.on("data", (chunk: Buffer) => (heard.stderr += chunk.toString("utf8")));
    client = new Client({ name: "overhearing", version: "1" }, { capabilities: { elicitation: { form: {} } } });
    client.setRequestHandler("elicitation/create", () => ({ action: "decline" }));
    await client.connect(transport);
    const { onmessage } = transport;
    transport.onmessage = (message) => {
      heard.messages.push(JSON.stringify(message));
      onmessage?.(message);
    };
    cleanup.add(async () => {
      await client.close();
      await promisify(execFile)(process.execPath, [builtServer, "stop"], { env }).catch(() => undefined);
    });
  });
  afterAll(() => cleanup.run());

  it("works as without, with the alias in place of the address", async () => {
    expect(await call("ssh_list", { what: "targets" })).toMatch(/^8 targets\nweb1 · @web · /);
    expect(await call("ssh_open", { target: "web1" })).toMatch(
      /^open · web1 · web1 · .* · survives disconnects: yes\nruns as \[user\] on web1$/,
    );
    expect(await call("ssh_run", { on: "web1", command: "echo $SSH_CONNECTION; whoami; echo fine >&2" })).toMatch(
      /^exit 0 .*\nweb1 .*\n\[user\]\n--- stderr\nfine/,
    );
    expect(await call("ssh_run", { on: ["@web"], command: "hostname -I; id; pwd" })).toMatch(/2 targets: 2 exit 0$/);
  });

  it("hides in progress, resources, lists and the notes of the file", async () => {
    const command = "for i in 1 2 3; do echo $i 127.0.0.1 $(whoami); sleep 1; done # as seen on 127.0.0.1";
    await call("ssh_run", { on: "web1", command, wait_s: 60 });
    const progress = heard.messages.filter((message) => message.includes("notifications/progress"));
    expect(progress.join("\n")).toMatch(/\d web1 \[user\]/);
    const { resources } = await client.listResources();
    expect(resources.map(({ title }) => title).join("\n")).toContain("as seen on web1");
    for (const { uri } of resources) await client.readResource({ uri });
    await call("ssh_list", {});
    await call("ssh_list", { what: "commands" });
    expect(await call("ssh_read", { command: "web1/1" })).toMatch(/^exit 0/);
  });

  it("hides in questions that the client shows", async () => {
    expect(await call("ssh_run", { on: "asking", command: "true" })).toMatch(/^host_key_unknown: asking /);
    const questions = heard.messages.filter((message) => message.includes("elicitation/create"));
    expect(questions.join("\n")).toMatch(/Is this the host key of asking\?[^]*Fingerprint: ED25519/);
  });

  it("hides in errors", async () => {
    expect(await call("ssh_run", { on: "stranger", command: "true" })).toMatch(/^host_key_unknown: stranger /);
    expect(await call("ssh_run", { on: "nobody", command: "true" })).toMatch(/^auth_failed: /);
    expect(await call("ssh_run", { on: "dead", command: "true" })).toMatch(/^dial_failed: dead /);
    expect(await call("ssh_run", { on: "nowhere", command: "true" })).toMatch(/nowhere/);
    expect(await call("ssh_run", { on: "behind", command: "true" })).toMatch(/behind|jump host/);
    expect(await call("ssh_run", { on: ["dead", "nobody"], command: "true" })).toMatch(/2 targets: 2 not run/);
    expect(await call("ssh_open", { target: "web1", name: "web2" })).not.toMatch(/^internal/);
    expect(await call("ssh_close", { all: true })).toMatch(/closed/);
  });

  it("let no address and no user out, to the client or into a log", async () => {
    const log = readFileSync(join(place.root, "state", "daemon.log"), "utf8");
    const all = [...heard.messages, heard.stderr, log].join("\n");
    expect(heard.messages.length).toBeGreaterThan(20);
    for (const real of ["127.0.0.1", user, "wronguser", "no-such-host.invalid", "hop-host.invalid", "hopuser"]) {
      const at = all.indexOf(real);
      expect(at < 0 ? "" : all.slice(Math.max(0, at - 150), at + 60)).toBe("");
    }
  });
});
