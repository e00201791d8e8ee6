import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { request, type IncomingHttpHeaders } from "node:http";
import { text as readAll } from "node:stream/consumers";
import { Client, StreamableHTTPClientTransport, type Transport } from "@modelcontextprotocol/client";
import { waitUntil } from "../helpers/servers/index.ts";
import { builtServer, type Era, type Place } from "../mcp/connect.ts";

/** Starting takes a fraction of a second; the machine may be busy. */
const startLimitMs = 60_000;

/** `holdfast serve` as a user starts it, on a free port. */
export interface Served {
  readonly url: URL;
  /** All it has written to standard output and error. */
  output(): string;
  /** Asks it to end and resolves with the exit code. */
  stop(signal?: "SIGTERM" | "SIGINT"): Promise<number | null>;
}

/** Starts the built server with `serve --port 0` and the further words. */
export async function serve(place: Place, words: readonly string[] = []): Promise<Served> {
  const child: ChildProcess = spawn(process.execPath, [builtServer, "serve", "--port", "0", ...words], {
    env: place.env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (chunk: Buffer) => (output += String(chunk)));
  const ended = once(child, "close");
  const url = (): string | undefined => /listens on (?<url>http:\S+)\n/.exec(output)?.groups?.["url"];
  await waitUntil("the server to listen", () => url() !== undefined || child.exitCode !== null, startLimitMs);
  const found = url();
  if (found === undefined) throw new Error(`the server did not start: ${output}`);
  return {
    url: new URL(found),
    output: () => output,
    stop: async (signal = "SIGTERM") => {
      child.kill(signal);
      await ended;
      return child.exitCode;
    },
  };
}

/** What a call gave. */
export interface CallReply {
  readonly text: string;
  readonly isError: boolean;
}

/** A client over HTTP. */
export interface HttpClient {
  readonly client: Client;
  readonly call: (name: string, args: Record<string, unknown>) => Promise<CallReply>;
}

/** Connects the SDK's client in the given era. */
export async function connectHttp(url: URL, era: Era, headers: Record<string, string> = {}): Promise<HttpClient> {
  return connectBy(new StreamableHTTPClientTransport(url, { requestInit: { headers } }), era);
}

/** Connects the SDK's client over any transport. */
export async function connectBy(transport: Transport, era: Era): Promise<HttpClient> {
  const client = new Client({ name: "http-tests", version: "1" }, { versionNegotiation: { mode: era } });
  await client.connect(transport);
  return {
    client,
    call: async (name, args) => {
      const result = await client.callTool({ name, arguments: args }, { timeout: 120_000 });
      const text = result.content.map((part) => (part.type === "text" ? part.text : `[${part.type}]`)).join("\n");
      return { text, isError: result.isError === true };
    },
  };
}

/** An answer as it comes over the wire. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

interface Question {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

/** Sends exactly these headers, as `curl` would; a body goes as JSON unless the headers say otherwise. */
export async function ask(url: URL, question: Question = {}): Promise<Answer> {
  const { body, path = url.pathname, method = body === undefined ? "GET" : "POST" } = question;
  const outgoing = request({
    host: url.hostname.replaceAll(/[[\]]/g, ""),
    port: url.port,
    path,
    method,
    headers: { ...(body === undefined ? {} : { "content-type": "application/json" }), ...question.headers },
  });
  outgoing.end(body);
  const incoming: unknown = (await once(outgoing, "response"))[0];
  if (typeof incoming !== "object" || incoming === null || !isAnswer(incoming)) throw new Error("no answer");
  return { status: incoming.statusCode, headers: incoming.headers, body: await readAll(incoming) };
}

type Incoming = NodeJS.ReadableStream & { readonly statusCode: number; readonly headers: IncomingHttpHeaders };

function isAnswer(value: object): value is Incoming & AsyncIterable<Uint8Array> {
  return "statusCode" in value && "headers" in value;
}

/** The body of a `tools/call` request, as a person types it. */
export function callBody(name: string, args: Record<string, unknown> = {}): string {
  return JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params: { name, arguments: args } });
}
