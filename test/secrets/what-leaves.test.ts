import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { afterEach, expect, it } from "vitest";
import { randomHex } from "../../src/base/index.ts";
import { Cleanup } from "../helpers/cleanup.ts";
import { environmentOf, stopDaemon } from "../helpers/daemon.ts";
import { builtServer } from "../helpers/holdfast.ts";
import { createPrivatePlace } from "../helpers/private-place.ts";
import { canMakeUsers, createLoginUser, startOpenSsh } from "../helpers/servers/index.ts";
import { eras, type Era } from "../mcp/connect.ts";

const password = `hunter-${randomHex(6)}`;
/** In two pieces, so that the command itself does not hold it. */
const printed = `a=${password.slice(0, 8)}; b=${password.slice(8)}`;

const cleanup = new Cleanup();
afterEach(() => cleanup.run());

interface Scene {
  readonly client: Client;
  readonly on: string;
  /** All that the server has said: replies, notifications, resources. */
  readonly said: () => string;
  readonly root: string;
}

async function scene(era: Era): Promise<Scene> {
  // Without start-up files of its own, which may take longer than all the rest.
  const loginUser = canMakeUsers ? await createLoginUser() : undefined;
  cleanup.add(() => loginUser?.remove());
  const server = await startOpenSsh({
    alias: `box${randomHex(4)}`,
    ...(loginUser === undefined ? {} : { loginUser }),
  });
  cleanup.add(() => server.stop());
  const place = await createPrivatePlace(server.sshConfigFile);
  cleanup.add(() => place.remove());
  cleanup.add(() => stopDaemon(place));
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [builtServer],
    env: environmentOf(place),
  });
  const lines: string[] = [];
  transport.onmessage = (message) => void lines.push(JSON.stringify(message));
  const client = new Client({ name: "listens", version: "1" }, { versionNegotiation: { mode: era } });
  cleanup.add(() => client.close());
  await client.connect(transport);
  return { client, on: server.alias, said: () => lines.join("\n"), root: place.root };
}

function filesUnder(directory: string): readonly string[] {
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) return filesUnder(path);
    return entry.isFile() ? [path] : [];
  });
}

it("a secret that the server knows leaves in no reply, error, progress, list or resource, and stands in no file of ours", async () => {
  await Promise.all(eras.map(([, era]) => listen(era)));
});

/** Has a client of that revision do all that could show the secret. */
async function listen(era: Era): Promise<void> {
  const { client, on, said, root } = await scene(era);
  await client.callTool({ name: "ssh_open", arguments: { target: on, sudo_password: password } });
  const progress: string[] = [];
  const call = async (name: string, args: Record<string, unknown>): Promise<string> => {
    const { content } = await client.callTool(
      { name, arguments: args },
      { timeout: 120_000, onprogress: ({ message }) => void progress.push(message ?? "") },
    );
    return content.map((part) => (part.type === "text" ? part.text : part.type)).join("\n");
  };
  const command = `${printed}; for i in 1 2 3; do echo "$a$b"; sleep 0.7; done; echo "$a$b" | base64; echo "$a$b" >&2`;
  expect(await call("ssh_run", { on, command, wait_s: 60 })).toContain("[secret]");
  expect(progress.some((message) => message.includes("[secret]"))).toBe(true);
  expect(await call("ssh_run", { on, command: `: ${password}`, wait_s: 60 })).toMatch(/^exit 0 /);
  expect(await call("ssh_list", { what: "commands" })).toContain("[secret]");
  expect(await call("ssh_file_read", { on, path: `/no/${password}` })).toContain("[secret]");
  const { resources } = await client.listResources();
  expect(JSON.stringify(resources)).toContain("[secret]");
  for (const { uri } of resources.slice(0, 6)) await client.readResource({ uri });
  for (const form of [password, Buffer.from(password).toString("base64").slice(0, -4)]) {
    expect(said()).not.toContain(form);
    for (const file of filesUnder(root)) {
      // What the agent wrote into a command stands in the session's record of commands, on the host; nothing of ours has more.
      expect(`${file}: ${String(readFileSync(file).includes(form))}`).toBe(`${file}: false`);
    }
  }
  await call("ssh_close", { all: true, force: true });
}
