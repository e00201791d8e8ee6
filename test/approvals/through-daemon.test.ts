import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { afterEach, describe, expect, it } from "vitest";
import { randomHex } from "../../src/base/index.ts";
import { Cleanup } from "../helpers/cleanup.ts";
import { daemonPid, environmentOf, isAlive, stopDaemon } from "../helpers/daemon.ts";
import { eventually } from "../helpers/eventually.ts";
import { builtServer } from "../helpers/holdfast.ts";
import { createPrivatePlace, type PrivatePlace } from "../helpers/private-place.ts";
import { startOpenSsh } from "../helpers/servers/index.ts";
import { eras, type Era } from "../mcp/connect.ts";
import { Terminal } from "./terminal.ts";

const cleanup = new Cleanup();
afterEach(() => cleanup.run());

interface Scene {
  readonly alias: string;
  readonly place: PrivatePlace;
  readonly fingerprints: string;
}

/** A real server whose host key nobody knows. */
async function stranger(): Promise<Scene> {
  const server = await startOpenSsh({ alias: `box${randomHex(4)}` });
  cleanup.add(() => server.stop());
  const configuration = readFileSync(server.sshConfigFile, "utf8")
    .replace(/UserKnownHostsFile .*/, "UserKnownHostsFile none")
    .replace("StrictHostKeyChecking yes", "StrictHostKeyChecking ask");
  writeFileSync(server.sshConfigFile, configuration);
  const place = await createPrivatePlace(server.sshConfigFile);
  cleanup.add(() => place.remove());
  cleanup.add(() => stopDaemon(place));
  return { alias: server.alias, place, fingerprints: join(place.root, "config", "known_hosts") };
}

async function connect({ place }: Scene, era: Era, elicitation?: { form: Record<string, never> }): Promise<Client> {
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [builtServer],
    env: environmentOf(place),
  });
  const capabilities = elicitation === undefined ? {} : { elicitation };
  const client = new Client({ name: "asked", version: "1" }, { capabilities, versionNegotiation: { mode: era } });
  cleanup.add(() => client.close());
  await client.connect(transport);
  return client;
}

async function call(client: Client, name: string, args: Record<string, unknown>): Promise<string> {
  const result = await client.callTool({ name, arguments: args }, { timeout: 120_000 });
  return result.content.map((part) => (part.type === "text" ? part.text : part.type)).join("\n");
}

describe.each(eras)("an unknown host key, to a client of %s that comes by the daemon", (_revision, era) => {
  it("is shown by the client, and the call goes on when the person says yes", async () => {
    const scene = await stranger();
    const client = await connect(scene, era, { form: {} });
    const messages: string[] = [];
    client.setRequestHandler("elicitation/create", ({ params }) => {
      messages.push(params.message);
      return { action: "accept", content: { confirmed: true } };
    });
    const { alias: on } = scene;
    expect(await call(client, "ssh_run", { on, command: "echo hello" })).toMatch(/^exit 0 .*\nhello\n$/);
    expect(messages).toHaveLength(1);
    expect(messages[0]).toMatch(/Fingerprint: ED25519 SHA256:/);
    expect(readFileSync(scene.fingerprints, "utf8")).toContain("ssh-ed25519 ");
    await call(client, "ssh_close", { session: on, force: true });
  });

  it("is asked anew when the daemon dies meanwhile: a yes is for the question it was given to", async () => {
    const scene = await stranger();
    const client = await connect(scene, era, { form: {} });
    let asked = 0;
    client.setRequestHandler("elicitation/create", async () => {
      asked += 1;
      if (asked > 1) return { action: "accept", content: { confirmed: true } };
      const pid = await daemonPid(scene.place);
      process.kill(pid, "SIGKILL");
      await eventually("the daemon to be gone", 60_000, () => (isAlive(pid) ? undefined : true));
      return { action: "accept", content: { confirmed: true } };
    });
    const { alias: on } = scene;
    expect(await call(client, "ssh_run", { on, command: "echo hello" })).toMatch(/^exit 0 .*\nhello\n$/);
    expect(asked).toBe(2);
    await call(client, "ssh_close", { session: on, force: true });
  });
});

it("is shown at a terminal where the client cannot ask", async () => {
  const scene = await stranger();
  const client = await connect(scene, "legacy");
  const { alias: on, place } = scene;
  const reply = call(client, "ssh_run", { on, command: "echo hello" });
  const terminal = new Terminal([process.execPath, builtServer, "answer", "--wait"], environmentOf(place));
  cleanup.add(() => terminal.close());
  await terminal.shows(/Is this the host key of box[^]*ED25519 SHA256:[^]*yes or no: $/m);
  terminal.type("yes");
  terminal.press("Enter");
  expect(await reply).toMatch(/^exit 0 .*\nhello\n$/);
  await call(client, "ssh_close", { session: on, force: true });
});

it("is refused where nobody answers, and the error says how one could", async () => {
  const scene = await stranger();
  const patient = { ...scene, place: { ...scene.place, env: { ...scene.place.env, HOLDFAST_ASK_WAIT_S: "1" } } };
  cleanup.add(() => stopDaemon(patient.place));
  const client = await connect(patient, "legacy");
  const reply = await call(client, "ssh_run", { on: scene.alias, command: "true" });
  expect(reply).toMatch(/^host_key_unknown: .*holdfast trust box.*holdfast answer --wait/);
});
