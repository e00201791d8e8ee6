import { randomUUID } from "node:crypto";
import {
  WebStandardStreamableHTTPServerTransport,
  isJSONRPCRequest,
  type McpServer,
} from "@modelcontextprotocol/server";
import { every, monotonicMs } from "../base/index.ts";
import { errorResponse } from "./http-reply.ts";

/** How many sessions of older clients there may be, and for how long one may lie idle. */
export interface SessionLimits {
  readonly most: number;
  readonly idleMs: number;
}

/** Each takes some 50 KB; a client that forgets to end its sessions must not fill the memory. */
const defaultLimits: SessionLimits = { most: 256, idleMs: 1_800_000 };

/** How often idle sessions are looked for. */
const sweepPeriodMs = 30_000;

/** Reads as a client that is gone, not as one that cancels: its command goes on. */
const goneReason = "connection closed, as if timed out";

interface LegacySession {
  readonly transport: WebStandardStreamableHTTPServerTransport;
  readonly server: McpServer;
  /** Requests that have not ended, an open stream of events among them. */
  openExchanges: number;
  lastUsedMs: number;
}

/** The sessions of clients older than 2026-07-28, bounded in number and idle time. Nothing of SSH hangs on them. */
export class LegacySessions {
  readonly #createServer: () => McpServer;
  readonly #limits: SessionLimits;
  readonly #sessions = new Map<string, LegacySession>();
  readonly #stopSweeping: () => void;

  constructor(createServer: () => McpServer, limits: SessionLimits = defaultLimits) {
    this.#createServer = createServer;
    this.#limits = limits;
    this.#stopSweeping = every(Math.min(sweepPeriodMs, limits.idleMs), () => this.#dropIdle(limits.idleMs));
  }

  /** Answers an `initialize` with a new session; 503 when there are too many and none is idle. */
  async open(request: Request, body: unknown): Promise<Response> {
    if (this.#sessions.size >= this.#limits.most && !this.#dropLongestIdle()) {
      return errorResponse(503, "refused", "Too many sessions are open. End one with DELETE, or try again later.");
    }
    const server = this.#createServer();
    const transport = new WebStandardStreamableHTTPServerTransport({
      sessionIdGenerator: () => randomUUID(),
      onsessioninitialized: (id) => {
        this.#sessions.set(id, session);
      },
    });
    const session: LegacySession = { transport, server, openExchanges: 0, lastUsedMs: monotonicMs() };
    transport.onclose = () => {
      if (transport.sessionId !== undefined) this.#sessions.delete(transport.sessionId);
    };
    await server.connect(transport);
    const response = await this.#exchange(session, request, body);
    if (transport.sessionId === undefined) await server.close();
    return response;
  }

  /** Answers a request of a session; 404 when there is none of this id, which tells the client to begin anew. */
  async fetch(id: string, request: Request, body: unknown): Promise<Response> {
    const session = this.#sessions.get(id);
    if (session === undefined) return errorResponse(404, "unknownSession", "Session not found. Initialize a new one.");
    return this.#exchange(session, request, body);
  }

  /** Ends all sessions. */
  async close(): Promise<void> {
    this.#stopSweeping();
    await Promise.all([...this.#sessions.values()].map((session) => session.server.close().catch(() => undefined)));
    this.#sessions.clear();
  }

  #exchange(session: LegacySession, request: Request, body: unknown): Promise<Response> {
    const { transport } = session;
    session.openExchanges += 1;
    const over = (): void => {
      session.openExchanges -= 1;
      session.lastUsedMs = monotonicMs();
      // The reply can no longer be delivered, so nobody need wait for it; an answered request is not affected.
      for (const requestId of requestIds(body)) {
        transport.onmessage?.({
          jsonrpc: "2.0",
          method: "notifications/cancelled",
          params: { requestId, reason: goneReason },
        });
      }
    };
    const response = transport.handleRequest(request, { parsedBody: body });
    // A client may be gone before what it sent is looked at.
    if (request.signal.aborted) over();
    else request.signal.addEventListener("abort", over, { once: true });
    return response;
  }

  #dropIdle(idleMs: number): void {
    const before = monotonicMs() - idleMs;
    for (const session of this.#sessions.values()) {
      if (session.openExchanges === 0 && session.lastUsedMs < before) this.#drop(session);
    }
  }

  #dropLongestIdle(): boolean {
    const [oldest] = [...this.#sessions.values()]
      .filter((session) => session.openExchanges === 0)
      .toSorted((one, other) => one.lastUsedMs - other.lastUsedMs);
    if (oldest === undefined) return false;
    this.#drop(oldest);
    return true;
  }

  #drop(session: LegacySession): void {
    session.server.close().catch(() => undefined);
  }
}

function requestIds(body: unknown): readonly (string | number)[] {
  return [body].flat().flatMap((message) => (isJSONRPCRequest(message) ? [message.id] : []));
}
