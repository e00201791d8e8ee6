import type { Readable, Writable } from "node:stream";
import { serveStdio } from "@modelcontextprotocol/server/stdio";
import type { ToolHost } from "../tools/index.ts";
import { LineTransport } from "./line-transport.ts";
import { createServerFactory } from "./server-factory.ts";

interface StdioParts {
  readonly host: ToolHost;
  readonly version: string;
  readonly input: Readable;
  readonly output: Writable;
  /** Told about what goes wrong beside the protocol; must not write to `output`. */
  readonly onError?: (error: Error) => void;
  /** Ends serving from our side. */
  readonly signal?: AbortSignal;
}

/** Serves MCP over a pair of streams, in the era that the client opens with; resolves when the client has gone and its last replies are out. */
export async function serveOverStreams(parts: StdioParts): Promise<void> {
  const transport = new LineTransport(parts.input, parts.output);
  const { onError } = parts;
  const handle = serveStdio(createServerFactory(parts), {
    transport,
    ...(onError === undefined ? {} : { onerror: onError }),
  });
  await ended(transport, parts.signal);
  await handle.close();
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
