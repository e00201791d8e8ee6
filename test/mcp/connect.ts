import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport, getDefaultEnvironment } from "@modelcontextprotocol/client/stdio";
import { keepDaemonLog, veilPlace } from "../helpers/veil-audit.ts";

/** The built server, as a client's configuration names it. */
export const builtServer = fileURLToPath(new URL("../../dist/holdfast.cjs", import.meta.url));

/** How a client opens: the handshake of the older revisions, or the stateless one. */
export const eras = [
  ["2025-11-25", "legacy"],
  ["2026-07-28", { pin: "2026-07-28" }],
] as const;

/** Era of one connection. */
export type Era = (typeof eras)[number][1];

/** A place of its own for a server's files. */
export interface Place {
  readonly env: Record<string, string>;
  remove(): Promise<void>;
}

/** Makes a place with an empty ssh_config, or the one given. */
export async function makePlace(sshConfigFile?: string): Promise<Place> {
  const root = await mkdtemp(join(tmpdir(), "holdfast-mcp-"));
  veilPlace(join(root, "config"));
  return {
    env: {
      ...getDefaultEnvironment(),
      HOLDFAST_STATE_DIR: join(root, "state"),
      HOLDFAST_CONFIG_DIR: join(root, "config"),
      HOLDFAST_SSH_CONFIG: sshConfigFile ?? "/dev/null",
      // What is tested here is one process.
      HOLDFAST_NO_DAEMON: "1",
    },
    remove: () => {
      keepDaemonLog(root);
      return rm(root, { recursive: true, force: true });
    },
  };
}

/** A connected client and the server process it started. */
export interface Connection {
  readonly client: Client;
  readonly pid: number;
  call(name: string, args: Record<string, unknown>): Promise<{ readonly text: string; readonly isError: boolean }>;
}

/** Starts the server and connects to it in the given era. */
export async function connectTo(place: Place, era: Era): Promise<Connection> {
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [builtServer],
    env: place.env,
    maxBufferSize: 64_000_000,
  });
  const client = new Client({ name: "contract", version: "1" }, { versionNegotiation: { mode: era } });
  await client.connect(transport);
  const { pid } = transport;
  if (pid === null) throw new Error("the server has no process id");
  return {
    client,
    pid,
    call: async (name, args) => {
      const result = await client.callTool({ name, arguments: args }, { timeout: 120_000 });
      const text = result.content.map((part) => (part.type === "text" ? part.text : `[${part.type}]`)).join("\n");
      return { text, isError: result.isError === true };
    },
  };
}
