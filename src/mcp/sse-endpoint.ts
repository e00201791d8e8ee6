import { parseJSONRPCMessage, type JSONRPCMessage, type McpServer } from "@modelcontextprotocol/server";
import { errorResponse } from "./http-reply.ts";
import { SseTransport } from "./sse-transport.ts";

/** Clients of HTTP+SSE at a time: each holds a connection open. */
const mostStreams = 64;

/** HTTP+SSE, the transport before Streamable HTTP, for clients that know nothing newer. */
export interface SseEndpoint {
  /** Answers GET: the stream of events that is the session. */
  open(request: Request): Promise<Response>;
  /** Answers POST: one message of the client; its reply comes on the stream. */
  post(request: Request, body: unknown): Response;
  close(): Promise<void>;
}

/** Serves HTTP+SSE; `postPath` is where clients are told to post. */
export function createSseEndpoint(createServer: () => McpServer, postPath: string): SseEndpoint {
  const open = new Map<string, SseTransport>();
  return {
    open: async (request) => {
      if (open.size >= mostStreams) return errorResponse(503, "refused", "Too many streams are open. Try again later.");
      const transport = new SseTransport(postPath);
      transport.onclose = () => open.delete(transport.sessionId);
      open.set(transport.sessionId, transport);
      request.signal.addEventListener("abort", () => void transport.close(), { once: true });
      await createServer().connect(transport);
      return new Response(transport.stream, {
        headers: {
          "content-type": "text/event-stream",
          "cache-control": "no-cache, no-transform",
          "x-accel-buffering": "no",
        },
      });
    },
    post: (request, body) => {
      const transport = open.get(new URL(request.url).searchParams.get("sessionId") ?? "");
      if (transport === undefined) {
        return errorResponse(404, "unknownSession", "Session not found. Open a new stream with GET /sse.");
      }
      const message = messageOrUndefined(body);
      if (message === undefined) return errorResponse(400, "request", "The body is no JSON-RPC message.");
      transport.receive(message);
      return new Response("Accepted", { status: 202 });
    },
    close: async () => {
      await Promise.all([...open.values()].map((transport) => transport.close()));
    },
  };
}

function messageOrUndefined(body: unknown): JSONRPCMessage | undefined {
  try {
    return parseJSONRPCMessage(body);
  } catch {
    return undefined;
  }
}
