import type { Readable, Writable } from "node:stream";
import type { McpServer } from "@modelcontextprotocol/server";
import { serveStdio } from "@modelcontextprotocol/server/stdio";
import type { ToolHost } from "../tools/index.ts";
import { hearListening } from "./listen-requests.ts";
import { LineTransport } from "./line-transport.ts";
import { ParkedCalls } from "./parked-calls.ts";
import { ResourceFollows } from "./resource-follows.ts";
import { createServerFactory } from "./server-factory.ts";

interface StdioParts {
  readonly host: ToolHost;
  readonly version: string;
  readonly input: Readable;
  readonly output: Writable;
  /** A request whose client has the answer already: ours is not sent. */
  readonly answered?: string | number | undefined;
  /** Told about what goes wrong beside the protocol; must not write to `output`. */
  readonly onError?: (error: Error) => void;
  /** Ends serving from our side. */
  readonly signal?: AbortSignal;
  /** Ends it gently. */
  readonly ending?: GentleEnd;
}

/** Takes no more messages after `signal`, answers those that came, for at most `limitMs`, and says at last how many lines were taken. */
interface GentleEnd {
  readonly signal: AbortSignal;
  readonly limitMs: number;
  readonly farewell: (taken: number) => string;
}

/** Serves MCP over a pair of streams, in the era that the client opens with; resolves when the client has gone and its last replies are out. */
export async function serveOverStreams(parts: StdioParts): Promise<void> {
  const transport = new LineTransport(parts.input, parts.output, parts.answered);
  const { onError } = parts;
  const parked = new ParkedCalls(parts.host);
  const createServer = createServerFactory({ host: parts.host, version: parts.version, parked, takesRoots: true });
  let current: McpServer | undefined;
  const factory = (): McpServer => {
    current = createServer();
    return current;
  };
  const handle = serveStdio(factory, { transport, ...(onError === undefined ? {} : { onerror: onError }) });
  const { catalog } = parts.host;
  const follows = catalog && new ResourceFollows(catalog, (uri) => tell(current, uri));
  if (follows !== undefined) overhear(transport, (message) => hearListening(follows, message));
  const { ending, output } = parts;
  const drained = ending === undefined ? [] : [drainedGently(transport, output, ending)];
  await Promise.race([ended(transport, parts.signal), ...drained]);
  follows?.close();
  parked.close();
  await handle.close();
}

/** The SDK passes it on to those who listen for it. */
function tell(mcp: McpServer | undefined, uri: string): void {
  mcp?.server.sendResourceUpdated({ uri }).catch(() => undefined);
}

/** Shows `listener` every message that comes; the SDK answers requests to listen itself and tells nobody what they name. */
function overhear(transport: LineTransport, listener: (message: unknown) => void): void {
  const receive = transport.onmessage;
  transport.onmessage = (message, extra) => {
    receive?.(message, extra);
    listener(message);
  };
}

/** Resolves when the last answer and the farewell are written. */
async function drainedGently(transport: LineTransport, output: Writable, ending: GentleEnd): Promise<void> {
  const { signal } = ending;
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
  const taken = await transport.drain(ending.limitMs);
  if (output.writable) output.write(ending.farewell(taken));
}

/** Resolves when the transport has closed or `signal` aborts. */
function ended(transport: LineTransport, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const tellServer = transport.onclose;
    transport.onclose = () => {
      tellServer?.();
      resolve();
    };
    if (signal?.aborted === true) resolve();
    else signal?.addEventListener("abort", () => resolve(), { once: true });
  });
}
