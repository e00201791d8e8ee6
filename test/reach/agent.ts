import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { delay } from "../../src/base/index.ts";
import { browse } from "../approvals/browser.ts";
import type { Cleanup } from "../helpers/cleanup.ts";
import { environmentOf, stopDaemon } from "../helpers/daemon.ts";
import { builtServer } from "../helpers/holdfast.ts";
import { createPrivatePlace, type PrivatePlace } from "../helpers/private-place.ts";
import type { ClientSide } from "./client-side.ts";
import type { ReachServers } from "./reach-servers.ts";

/** An agent with its client, and a person beside it. */
export interface Agent {
  readonly client: Client;
  readonly place: PrivatePlace;
  readonly servers: ReachServers;
  /** Every message that came from the server, as text, and what it wrote to stderr. */
  heard(): string;
  /** The tools that were called. */
  readonly called: ReadonlySet<string>;
  readonly call: (tool: string, args: Record<string, unknown>) => Promise<string>;
}

/** Longer than any row may take; what hangs ends here. */
const callLimitMs = 110_000;

/** A person who answers later than LoginGraceTime 2 allows. */
const tooLateMs = 4_000;

/** Starts the built server through its daemon, as a client does, for a person who types codes on the one-time page (late, where the host is impatient) and refuses all other questions. */
export async function startAgent(cleanup: Cleanup, servers: ReachServers, side: ClientSide): Promise<Agent> {
  const place = await createPrivatePlace(side.sshConfigFile);
  cleanup.add(() => place.remove());
  const env = { ...environmentOf(place), HOLDFAST_CONFIG: side.settingsFile };
  const withSettings = { ...place, env };
  cleanup.add(() => stopDaemon(withSettings));
  const transport = new StdioClientTransport({ command: process.execPath, args: [builtServer], env, stderr: "pipe" });
  const heard: string[] = [];
  transport.stderr?.on("data", (chunk: Buffer) => heard.push(chunk.toString("utf8")));
  const client = new Client({ name: "reach", version: "1" }, { capabilities: { elicitation: { url: {} } } });
  client.setRequestHandler("elicitation/create", ({ params }) => {
    if (params.mode !== "url") throw new Error("asked by a form");
    void type(params.url, servers).catch(() => undefined);
    return { action: "accept" };
  });
  await client.connect(transport);
  const { onmessage } = transport;
  transport.onmessage = (message) => {
    heard.push(JSON.stringify(message));
    onmessage?.(message);
  };
  cleanup.add(() => client.close());
  const called = new Set<string>();
  const call: Agent["call"] = async (name, args) => {
    called.add(name);
    const options = { timeout: callLimitMs, onprogress: () => undefined };
    const result = await client.callTool({ name, arguments: args }, options);
    return result.content.map((part) => (part.type === "text" ? part.text : `[${part.type}]`)).join("\n");
  };
  return { client, place: withSettings, servers, heard: () => heard.join("\n"), called, call };
}

async function type(url: string, servers: ReachServers): Promise<void> {
  const page = await browse(url);
  if (page.first.body.includes("impatient")) await delay(tooLateMs);
  const knows = page.first.body.includes("Verification code");
  await page.submit(knows ? { field0: servers.codes.code(), action: "answer" } : { action: "refuse" });
}
