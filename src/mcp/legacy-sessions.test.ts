import { McpServer } from "@modelcontextprotocol/server";
import { afterEach, expect, it } from "vitest";
import { delay } from "../base/index.ts";
import { cancelledByCaller } from "../tools/index.ts";
import { callSignal } from "./cancellation.ts";
import { LegacySessions } from "./legacy-sessions.ts";

const accept = "application/json, text/event-stream";
const initialize = {
  jsonrpc: "2.0",
  id: 1,
  method: "initialize",
  params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "test", version: "1" } },
};

let sessions: LegacySessions | undefined;
afterEach(() => sessions?.close());

function open(most: number, idleMs: number): LegacySessions {
  sessions = new LegacySessions(() => new McpServer({ name: "test", version: "1" }), { most, idleMs });
  return sessions;
}

/** One request; `end` says that its exchange is over. */
function request(method: "POST" | "GET", id?: string): { readonly request: Request; readonly end: () => void } {
  const over = new AbortController();
  const headers: Record<string, string> = { accept, "content-type": "application/json" };
  if (id !== undefined) headers["mcp-session-id"] = id;
  return {
    request: new Request("http://localhost/mcp", { method, headers, signal: over.signal }),
    end: () => over.abort(),
  };
}

async function begin(book: LegacySessions): Promise<{ readonly status: number; readonly id: string }> {
  const { request: incoming, end } = request("POST");
  const response = await book.open(incoming, initialize);
  await response.text();
  end();
  return { status: response.status, id: response.headers.get("mcp-session-id") ?? "" };
}

async function ping(book: LegacySessions, id: string): Promise<number> {
  const { request: incoming, end } = request("POST", id);
  const response = await book.fetch(id, incoming, { jsonrpc: "2.0", id: 2, method: "ping" });
  await response.text();
  end();
  return response.status;
}

it("keeps a session until it has been idle too long", async () => {
  const book = open(10, 400);
  const { status, id } = await begin(book);
  expect(status).toBe(200);
  expect(await ping(book, id)).toBe(200);
  expect(await ping(book, "another")).toBe(404);
  const until = performance.now() + 30_000;
  // Looking at it by requests would keep it alive: idle means unused.
  do await delay(1_000);
  while ((await ping(book, id)) !== 404 && performance.now() < until);
  expect(await ping(book, id)).toBe(404);
});

it("counts no exchange that was over before it was looked at", async () => {
  const book = open(1, 60_000);
  const { id } = await begin(book);
  const { request: incoming, end } = request("POST", id);
  end();
  await book.fetch(id, incoming, { jsonrpc: "2.0", id: 2, method: "ping" });
  // There is room for one: the idle one makes place.
  expect((await begin(book)).status).toBe(200);
});

it("keeps a session with an open stream, however long nothing is asked", async () => {
  const book = open(10, 50);
  const { id } = await begin(book);
  const stream = request("GET", id);
  expect((await book.fetch(id, stream.request, undefined)).status).toBe(200);
  await delay(400);
  expect(await ping(book, id)).toBe(200);
  stream.end();
});

it("makes room by ending the session that was idle longest, and refuses when all are in use", async () => {
  const book = open(2, 600_000);
  const first = await begin(book);
  const second = await begin(book);
  await delay(5);
  await ping(book, first.id);
  const third = await begin(book);
  expect(await ping(book, second.id)).toBe(404);
  for (const { id } of [first, third]) await book.fetch(id, request("GET", id).request, undefined);
  expect((await begin(book)).status).toBe(503);
  expect(await ping(book, first.id)).toBe(200);
});

it("tells a call whose client has gone to stop waiting, without cancelling it", async () => {
  let seen: AbortSignal | undefined;
  const book = new LegacySessions(() => {
    const mcp = new McpServer({ name: "test", version: "1" }, { capabilities: { tools: {} } });
    mcp.server.setRequestHandler("tools/call", async (_request, context) => {
      seen = callSignal(context.mcpReq.signal);
      await delay(60_000, seen);
      return { content: [] };
    });
    return mcp;
  });
  sessions = book;
  const { id } = await begin(book);
  const { request: incoming, end } = request("POST", id);
  await book.fetch(id, incoming, { jsonrpc: "2.0", id: 2, method: "tools/call", params: { name: "any" } });
  const until = performance.now() + 30_000;
  while (seen === undefined && performance.now() < until) await delay(5);
  end();
  while (seen?.aborted !== true && performance.now() < until) await delay(5);
  expect(seen?.aborted).toBe(true);
  expect(seen?.reason).not.toBe(cancelledByCaller);
});

it("opens no session for a request that is not acceptable", async () => {
  const book = open(1, 600_000);
  const { request: incoming } = request("POST");
  incoming.headers.delete("accept");
  expect((await book.open(incoming, initialize)).status).toBe(406);
  expect((await begin(book)).status).toBe(200);
  expect((await begin(book)).status).toBe(200);
});
