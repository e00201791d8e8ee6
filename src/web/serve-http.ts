import { HoldfastError, delay } from "../base/index.ts";
import { ParkedCalls, RunningCalls, createHttpEndpoint, createServerFactory, createSseEndpoint } from "../mcp/index.ts";
import type { ToolHost } from "../tools/index.ts";
import { tokenCheck } from "./bearer-token.ts";
import { openHttpListener } from "./http-listener.ts";
import { inUrl, listenAddress } from "./listen-address.ts";
import { createRoutes } from "./routes.ts";

/** Calls that are running when the end comes have this long to end by themselves. */
const graceMs = 5_000;

/** A reply that exists is handed to the network within this time, */
const handOverMs = 50;

/** and is out of it within this one. */
const flushLimitMs = 1_000;

/** What an operator decides about serving over HTTP. */
export interface HttpOptions {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  /** Undefined: none is asked for, which only this machine may be offered. */
  readonly token: string | undefined;
  readonly allowedHosts: readonly string[];
  /** Offer HTTP+SSE beside Streamable HTTP. */
  readonly legacySse: boolean;
}

interface ServiceParts {
  readonly tools: ToolHost;
  readonly version: string;
  readonly options: HttpOptions;
  readonly onError: (error: Error) => void;
}

/** MCP over HTTP, being served. */
export interface HttpService {
  /** Where clients find it. */
  readonly url: string;
  /** Lets running calls end, hands the others back as `running`, and frees the port. Takes at most ten seconds. */
  close(): Promise<void>;
}

/** Serves MCP over HTTP. Rejects with `config_invalid` when the options would let strangers in, or the port cannot be had. */
export async function serveHttp({ tools, version, options, onError }: ServiceParts): Promise<HttpService> {
  const { address, isLoopback } = await listenAddress(options.host);
  if (!isLoopback && options.token === undefined) {
    throw new HoldfastError(
      "config_invalid",
      `${address} can be reached from other machines, and no token is asked for`,
      {
        hint: "Name a file with a token (--token-file), or listen on 127.0.0.1",
      },
    );
  }
  const calls = new RunningCalls(tools);
  // Behind another name or address there may be other machines, and a page on loopback would be no page of theirs.
  const peopleAreHere = isLoopback && options.allowedHosts.length === 0;
  const parked = new ParkedCalls(calls.host);
  const createServer = createServerFactory({ host: calls.host, version, parked, peopleAreHere });
  const mcp = createHttpEndpoint({ createServer, catalog: calls.host.catalog });
  const sse = options.legacySse ? createSseEndpoint(createServer, "/messages") : undefined;
  const token = options.token === undefined ? undefined : tokenCheck(options.token);
  const listener = await openHttpListener({
    address,
    port: options.port,
    onError,
    answer: createRoutes({ rules: { address, allowedHosts: options.allowedHosts, token }, mcp, sse }),
  }).catch(async (thrown: unknown) => {
    await mcp.close();
    throw thrown;
  });
  return {
    url: `http://${inUrl(address)}:${listener.port}/mcp`,
    close: async () => {
      listener.stopAccepting();
      // Nobody can come back to these any more.
      parked.close();
      await calls.finish(graceMs);
      await delay(handOverMs);
      await Promise.all([mcp.close(), sse?.close()]);
      await listener.quiet(flushLimitMs);
      await listener.close();
    },
  };
}
