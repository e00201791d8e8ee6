import type { IncomingMessage, ServerResponse } from "node:http";
import { delay } from "../base/index.ts";
import { errorResponse, type HttpEndpoint, type SseEndpoint } from "../mcp/index.ts";
import type { Answer } from "./http-listener.ts";
import { requestUrl, toRequest } from "./node-exchange.ts";
import { readBody } from "./read-body.ts";
import { judgeSource, judgeToken, type GuardRules, type Refusal } from "./request-guard.ts";

/** The largest body that is taken (8 MiB): a file's content in one call, with room. */
const longestBodyBytes = 8_388_608;

/** What is too large is still read for this long, and thrown away: a client that is cut off while it sends sees no answer. */
const discardLimitMs = 3_000;

interface RouteParts {
  readonly rules: GuardRules;
  readonly mcp: HttpEndpoint;
  /** Undefined where HTTP+SSE is not offered. */
  readonly sse: SseEndpoint | undefined;
}

interface Exchange {
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
  readonly request: Request;
}

/** Where requests go: `/mcp`, `/sse` with `/messages` where offered, `/healthz`; after the guard has let them in. */
export function createRoutes({ rules, mcp, sse }: RouteParts): Answer {
  return async (incoming, outgoing, signal) => {
    const url = requestUrl(incoming);
    const foreign = judgeSource(incoming, rules);
    if (foreign !== undefined) return refused(foreign);
    if (url === undefined) return errorResponse(400, "request", "The path of the request makes no sense.");
    if (url.pathname === "/healthz") return health(incoming.method);
    const stranger = judgeToken(incoming, rules);
    if (stranger !== undefined) return refused(stranger);
    const methods = methodsOf(url.pathname, sse !== undefined);
    if (methods === undefined) return errorResponse(404, "refused", `Nothing is here. MCP is at /mcp.`);
    if (!methods.includes(incoming.method ?? "")) {
      return errorResponse(405, "refused", "Method not allowed.", { allow: methods.join(", ") });
    }
    const exchange: Exchange = { incoming, outgoing, request: toRequest(incoming, url, signal) };
    if (url.pathname === "/sse" && sse !== undefined) return sse.open(exchange.request);
    return withBody(exchange, async (body) =>
      url.pathname === "/messages" && sse !== undefined
        ? sse.post(exchange.request, body)
        : mcp.fetch(exchange.request, body),
    );
  };
}

function methodsOf(path: string, offersSse: boolean): readonly string[] | undefined {
  if (path === "/mcp") return ["POST", "GET", "DELETE"];
  if (!offersSse) return undefined;
  return path === "/sse" ? ["GET"] : path === "/messages" ? ["POST"] : undefined;
}

function health(method: string | undefined): Response {
  return method === "GET" || method === "HEAD"
    ? Response.json({ status: "ok" }, { headers: { "cache-control": "no-store" } })
    : errorResponse(405, "refused", "Method not allowed.", { allow: "GET, HEAD" });
}

/** Calls `answer` with the parsed body (undefined where the method has none), or says what is wrong with it. */
async function withBody(exchange: Exchange, answer: (body: unknown) => Promise<Response>): Promise<Response> {
  const { incoming, request } = exchange;
  if (request.method !== "POST") return answer(undefined);
  // A web page can send other types without asking first; this one makes the browser ask, and nobody says yes.
  if (!/^application\/json *(?:;|$)/i.test(request.headers.get("content-type") ?? "")) {
    return errorResponse(415, "refused", "The body must be JSON. Send: Content-Type: application/json");
  }
  const body = await readBody(incoming, longestBodyBytes);
  if (body.kind === "too_large") return tooLarge(exchange);
  if (body.kind === "broken") return errorResponse(400, "request", "The body ended too early.");
  let parsed: unknown;
  try {
    parsed = JSON.parse(body.bytes.toString("utf8"));
  } catch {
    return errorResponse(400, "parse", "The body is no JSON.");
  }
  return answer(parsed);
}

/** Answers before the body is through, then lets the client finish sending, within a limit. */
async function tooLarge({ incoming, outgoing }: Exchange): Promise<Response> {
  const response = errorResponse(
    413,
    "refused",
    `The body is larger than ${longestBodyBytes} bytes. Send large content in parts.`,
  );
  const text = await response.clone().text();
  outgoing.writeHead(413, {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(text),
    connection: "close",
  });
  outgoing.write(text);
  const sent = new AbortController();
  incoming.once("close", () => sent.abort());
  incoming.once("end", () => sent.abort());
  incoming.resume();
  await delay(discardLimitMs, sent.signal);
  outgoing.end();
  return response;
}

function refused({ status, message, headers }: Refusal): Response {
  return errorResponse(status, "refused", message, headers);
}
