import { createMcpHandler, isInitializeRequest, isLegacyRequest, type McpServer } from "@modelcontextprotocol/server";
import type { Catalog } from "../tools/index.ts";
import { errorResponse, wantsEvents } from "./http-reply.ts";
import { LegacySessions, type SessionLimits } from "./legacy-sessions.ts";
import { followAll, listenRequestOf } from "./listen-requests.ts";
import { patientResponse } from "./patient-response.ts";
import { answerPlainCall } from "./plain-call.ts";
import { ResourceFollows } from "./resource-follows.ts";

/** MCP behind one URL, as a function from request to response. */
export interface HttpEndpoint {
  /**
   * Answers one request. The body comes parsed (undefined where there is none); `request.signal` must abort when the
   * exchange is over, however it ended: before the answer it means that the client is gone.
   */
  fetch(request: Request, body: unknown): Promise<Response>;
  /** Ends every open stream and session. */
  close(): Promise<void>;
}

interface EndpointParts {
  /** A fresh server for each request, or for each session of an older client; the same for all revisions. */
  readonly createServer: () => McpServer;
  readonly limits?: SessionLimits;
  /** What resources are made of; without it none of them is told to change. */
  readonly catalog?: Catalog | undefined;
}

/**
 * Streamable HTTP in both eras: clients of 2026-07-28 without any state; older ones with a session, so that they can be
 * asked things; and single calls without a handshake, as `curl` makes them.
 */
export function createHttpEndpoint(parts: EndpointParts): HttpEndpoint {
  const modern = createMcpHandler(parts.createServer, { legacy: "reject" });
  const { catalog } = parts;
  const follows = catalog && new ResourceFollows(catalog, (uri) => modern.notify.resourceUpdated(uri));
  const sessions = new LegacySessions(parts.createServer, parts.limits);

  const legacy = async (request: Request, body: unknown): Promise<Response> => {
    const id = request.headers.get("mcp-session-id");
    if (id !== null) return sessions.fetch(id, request, body);
    if (request.method !== "POST") {
      return errorResponse(405, "refused", "Without a session there is only POST.", { allow: "POST" });
    }
    return isInitializeRequest(body)
      ? sessions.open(request, body)
      : answerPlainCall(parts.createServer(), request, body);
  };

  return {
    fetch: async (request, body) => {
      if (await isLegacyRequest(request, body)) return legacy(request, body);
      const listening = listenRequestOf(body);
      if (listening !== undefined && follows !== undefined) {
        followUntilGone(follows, listening.uris, request.signal);
      }
      const response = modern.fetch(request, { parsedBody: body });
      return wantsEvents(request) ? patientResponse(response) : response;
    },
    close: async () => {
      follows?.close();
      await Promise.all([modern.close(), sessions.close()]);
    },
  };
}

/** One exchange is one follower: ids of different clients may be the same. */
function followUntilGone(follows: ResourceFollows, uris: readonly string[], gone: AbortSignal): void {
  if (gone.aborted) return;
  const follower = Symbol("exchange");
  gone.addEventListener("abort", () => follows.release(follower), { once: true });
  followAll(follows, follower, uris);
}
