import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

/** Stands in for the address: only the path and the query of a request's URL are looked at. */
const anyOrigin = "http://localhost";

/** The path and query that a request asks for; undefined when there is no sense in it. */
export function requestUrl(incoming: IncomingMessage): URL | undefined {
  const target = incoming.url ?? "";
  return target.startsWith("/") && URL.canParse(anyOrigin + target) ? new URL(anyOrigin + target) : undefined;
}

/** The request without its body; `signal` says when the exchange is over. */
export function toRequest(incoming: IncomingMessage, url: URL, signal: AbortSignal): Request {
  const headers = new Headers();
  for (const [name, value] of Object.entries(incoming.headers)) {
    for (const one of [value ?? []].flat()) headers.append(name, one);
  }
  return new Request(url, { method: incoming.method ?? "GET", headers, signal });
}

/** Sends the response, as fast as the client reads. Resolves when all is out or the client is gone. */
export async function sendResponse(response: Response, outgoing: ServerResponse): Promise<void> {
  if (outgoing.destroyed || outgoing.headersSent) {
    await response.body?.cancel();
    return;
  }
  const headers = Object.fromEntries(response.headers);
  // Node decides about the connection itself; what was set before (`close`, when ending) stays.
  delete headers["connection"];
  if (response.body === null) {
    outgoing.writeHead(response.status, { ...headers, "content-length": 0 }).end();
    return;
  }
  if (headers["content-type"]?.startsWith("text/event-stream") !== true) {
    const body = Buffer.from(await response.arrayBuffer());
    outgoing.writeHead(response.status, { ...headers, "content-length": body.length }).end(body);
    return;
  }
  outgoing.writeHead(response.status, headers);
  outgoing.flushHeaders();
  try {
    await pipeline(Readable.fromWeb(response.body), outgoing);
  } catch {
    // The client has gone; the pipeline has told the stream's source.
  }
}
