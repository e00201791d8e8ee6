import { WebStandardStreamableHTTPServerTransport, type McpServer } from "@modelcontextprotocol/server";
import { wantsEvents } from "./http-reply.ts";

/** What the protocol wants a client to accept; one that accepts anything, or says nothing, means it too. */
const both = "application/json, text/event-stream";

/**
 * Answers a request of an older revision that belongs to no session: one server, one exchange. With plain JSON, unless
 * the client asks for events.
 */
export async function answerPlainCall(server: McpServer, request: Request, body: unknown): Promise<Response> {
  const events = wantsEvents(request);
  const transport = new WebStandardStreamableHTTPServerTransport({ enableJsonResponse: !events });
  request.signal.addEventListener(
    "abort",
    () => {
      server.close().catch(() => undefined);
    },
    { once: true },
  );
  await server.connect(transport);
  return transport.handleRequest(events ? request : accepting(request), { parsedBody: body });
}

function accepting(request: Request): Request {
  const headers = new Headers(request.headers);
  headers.set("accept", both);
  return new Request(request.url, { method: request.method, headers, signal: request.signal });
}
