import { McpServer, createRequestStateCodec } from "@modelcontextprotocol/server";
import { randomHex } from "../../src/base/index.ts";
import { createHttpEndpoint } from "../../src/mcp/index.ts";
import { createRoutes, openHttpListener } from "../../src/web/index.ts";
import { registerQuestions } from "./fixture-questions.ts";
import { registerPrompts, registerResources } from "./fixture-resources.ts";
import { registerTools } from "./fixture-tools.ts";

const address = "127.0.0.1";

/** A server with all that the conformance suite calls by name, on the product's own HTTP layer. */
export interface FixtureServer {
  readonly url: string;
  close(): Promise<void>;
}

/** Starts the fixture on a free port of loopback. */
export async function startFixtureServer(): Promise<FixtureServer> {
  const states = createRequestStateCodec<string>({ key: randomHex(32) });
  const mcp = createHttpEndpoint({
    createServer: () => {
      const server = new McpServer(
        { name: "holdfast-conformance", version: "1.0.0" },
        {
          capabilities: { logging: {}, resources: { subscribe: true } },
          requestState: { verify: (state, context) => states.verify(state, context) },
        },
      );
      registerTools(server);
      registerQuestions(server, states);
      registerResources(server);
      registerPrompts(server);
      return server;
    },
  });
  const listener = await openHttpListener({
    address,
    port: 0,
    onError: (error) => process.stderr.write(`fixture: ${error.stack ?? error.message}\n`),
    answer: createRoutes({ rules: { address, allowedHosts: [], token: undefined }, mcp, sse: undefined }),
  });
  return {
    url: `http://${address}:${listener.port}/mcp`,
    close: async () => {
      await mcp.close();
      await listener.close();
    },
  };
}
