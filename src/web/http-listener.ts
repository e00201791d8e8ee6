import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { HoldfastError, Pulse, messageOf, monotonicMs, withDeadline } from "../base/index.ts";
import { inUrl } from "./listen-address.ts";
import { sendResponse } from "./node-exchange.ts";

/** Connections at a time: far more than agents need, few enough for the process's files. */
const mostConnections = 1_024;

/** A request's head must be there within this time, */
const headersLimitMs = 20_000;

/** and all of it within this one: 8 MiB over a slow line. */
const requestLimitMs = 180_000;

/** Kept open between requests for this long: clients pause longer than Node's five seconds. */
const keepAliveMs = 30_000;

/** After all is answered, connections close by themselves; this is for those that do not. */
const closeLimitMs = 500;

/** Answers one request. `signal` aborts when the exchange is over; a rejection becomes a 500. */
export type Answer = (incoming: IncomingMessage, outgoing: ServerResponse, signal: AbortSignal) => Promise<Response>;

/** An open port that answers requests until it is told to stop. */
export interface HttpListener {
  readonly port: number;
  /** It does not keep the process alive any more. */
  unref(): void;
  /** From now on nobody new is let in, and connections close after their answer. */
  stopAccepting(): void;
  /** Resolves when no exchange is open, or after `limitMs`. */
  quiet(limitMs: number): Promise<void>;
  /** Cuts what is still open; resolves when the port is free. */
  close(): Promise<void>;
}

interface ListenerParts {
  readonly address: string;
  /** 0: any free one. */
  readonly port: number;
  readonly answer: Answer;
  readonly onError: (error: Error) => void;
}

/** Opens a port. Rejects with `config_invalid` when it is taken or may not be opened. */
export async function openHttpListener(parts: ListenerParts): Promise<HttpListener> {
  const open = new Set<ServerResponse>();
  const changed = new Pulse();
  let ending = false;
  const server = createServer(
    { headersTimeout: headersLimitMs, requestTimeout: requestLimitMs, keepAliveTimeout: keepAliveMs },
    (incoming, outgoing) => {
      open.add(outgoing);
      if (ending) outgoing.setHeader("connection", "close");
      const over = new AbortController();
      outgoing.once("close", () => {
        open.delete(outgoing);
        changed.fire();
        over.abort();
      });
      outgoing.on("error", () => undefined);
      exchange(parts, { incoming, outgoing, signal: over.signal }).catch(parts.onError);
    },
  );
  server.maxConnections = mostConnections;
  const { port } = await listen(server, parts);
  server.on("error", parts.onError);
  let closing: Promise<void> | undefined;
  const stop = (): Promise<void> => (closing ??= new Promise((resolve) => server.close(() => resolve())));
  return {
    port,
    unref: () => void server.unref(),
    stopAccepting: () => {
      ending = true;
      stop().catch(parts.onError);
      server.closeIdleConnections();
    },
    quiet: async (limitMs) => {
      const until = monotonicMs() + limitMs;
      while (open.size > 0 && monotonicMs() < until) await changed.wait(until - monotonicMs());
    },
    close: async () => {
      const closed = stop();
      server.closeIdleConnections();
      await withDeadline(closed, closeLimitMs);
      server.closeAllConnections();
      await closed;
    },
  };
}

interface Exchange {
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
  readonly signal: AbortSignal;
}

async function exchange(parts: ListenerParts, { incoming, outgoing, signal }: Exchange): Promise<void> {
  const gone = new Promise<undefined>((resolve) => {
    signal.addEventListener("abort", () => resolve(undefined), { once: true });
  });
  try {
    // Some answers never come once the client is gone: nobody waits for those.
    const response = await Promise.race([parts.answer(incoming, outgoing, signal), gone]);
    if (response !== undefined) await sendResponse(response, outgoing);
  } catch (thrown) {
    parts.onError(thrown instanceof Error ? thrown : new Error(messageOf(thrown)));
    if (!outgoing.headersSent) outgoing.writeHead(500);
    outgoing.end();
  }
}

function listen(server: Server, parts: ListenerParts): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    const onError = (error: Error): void => reject(cannotListen(error, parts));
    server.once("error", onError);
    server.listen({ host: parts.address, port: parts.port }, () => {
      server.off("error", onError);
      const address = server.address();
      if (address === null || typeof address === "string") reject(new Error("the listener has no port"));
      else resolve(address);
    });
  });
}

function cannotListen(error: Error, { address, port }: ListenerParts): HoldfastError {
  const place = `${inUrl(address)}:${port}`;
  const code = "code" in error ? error.code : undefined;
  const why = code === "EADDRINUSE" ? `${place} is taken` : `cannot listen on ${place}: ${messageOf(error)}`;
  return new HoldfastError("config_invalid", why, {
    hint: "Choose another port with --port, or 0 for any free one",
    cause: error,
  });
}
