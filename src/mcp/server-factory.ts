import {
  CLIENT_INFO_META_KEY,
  McpServer,
  type CallToolResult,
  type ListToolsResult,
  type ServerContext,
} from "@modelcontextprotocol/server";
import { monotonicMs, oneLine } from "../base/index.ts";
import type { CallOccasion, Reply, Tool, ToolHost } from "../tools/index.ts";
import { callSignal } from "./cancellation.ts";
import { AskedRoots, rootsCapability } from "./client-roots.ts";
import { clientWays } from "./client-questions.ts";
import { serveCompletions } from "./completions.ts";
import { instructions } from "./instructions.ts";
import type { ParkedCalls } from "./parked-calls.ts";
import { pushedQuestions } from "./pushed-questions.ts";
import { servePrompts } from "./prompts.ts";
import { serveResources } from "./resources.ts";

/** What never changes while a server runs: clients may keep it for an hour. */
const fixedList = { ttlMs: 3_600_000, cacheScope: "public" } as const;

/** Keys of a client's side are far shorter. */
const longestKey = 200;

/** Room for the client's own name for itself. */
const longestClientName = 100;

interface ServerParts {
  readonly host: ToolHost;
  readonly version: string;
  /** Calls that wait for their client; whoever gives them closes them. */
  readonly parked: ParkedCalls;
  /** Whether the people of all clients sit at this machine, so that pages on loopback are theirs. Default: yes. */
  readonly peopleAreHere?: boolean;
  /** Whether clients are programs of the same user, so that what they call their directories are to be used. Default: no. */
  readonly takesRoots?: boolean;
}

/** Makes MCP servers, one for each connection, for clients of every protocol revision; all state is in the host, none in the server. */
export function createServerFactory(parts: ServerParts): () => McpServer {
  let listing: ListToolsResult | undefined;
  const { parked } = parts;
  return () => {
    const mcp = new McpServer(
      { name: "holdfast", title: "Holdfast", version: parts.version },
      {
        capabilities: { tools: { listChanged: false } },
        instructions,
        cacheHints: { "tools/list": fixedList, "prompts/list": fixedList, "resources/templates/list": fixedList },
      },
    );
    const { server } = mcp;
    const asked = parts.takesRoots === true ? new AskedRoots(server) : undefined;
    server.setRequestHandler("tools/list", () => {
      listing ??= { tools: parts.host.list().map(listed) };
      return listing;
    });
    server.setRequestHandler("tools/call", async (request, context) => {
      const call = {
        name: request.params.name,
        args: request.params.arguments,
        client: clientName(server, context),
        ...occasionOf(context),
      };
      const { mcpReq } = context;
      const ways = clientWays(server, context, parts.peopleAreHere ?? true);
      const signal = callSignal(mcpReq.signal);
      if (mcpReq.envelope === undefined) {
        const asker = pushedQuestions(context, ways);
        const roots = asked?.of(context);
        const more = { ...progressOf(context), asker, ...(roots === undefined ? {} : { roots }) };
        return resultOf(await parts.host.call({ ...call, signal, ...more }));
      }
      const { progress } = progressOf(context);
      const [state, answers] = [mcpReq.requestState(), mcpReq.inputResponses ?? {}];
      const hasRoots = asked !== undefined && rootsCapability(server, context) !== undefined;
      const outcome = await parked.serve({ call, signal, progress, ways, hasRoots, state, answers });
      return "resultType" in outcome ? outcome : resultOf(outcome);
    });
    servePrompts(mcp);
    const { catalog } = parts.host;
    if (catalog !== undefined) {
      serveResources(mcp, { host: parts.host, catalog, clientOf: (context) => clientName(server, context) });
      serveCompletions(mcp, catalog);
    }
    return mcp;
  };
}

function resultOf({ text, isError }: Reply): CallToolResult {
  return { content: [{ type: "text", text }], isError };
}

function listed(tool: Tool): ListToolsResult["tools"][number] {
  const { name, title, description, annotations, inputSchema } = tool;
  return { name, title, description, inputSchema: { ...inputSchema, type: "object" }, annotations };
}

/** Name and version as the client gives them: with each request, or once in the older handshake. */
function clientName(server: McpServer["server"], context: ServerContext): string {
  const envelope: Readonly<Record<string, unknown>> = { ...context.mcpReq.envelope };
  // oxlint-disable-next-line typescript/no-deprecated -- clients of older revisions say it nowhere else
  const client = envelope[CLIENT_INFO_META_KEY] ?? server.getClientVersion();
  if (typeof client !== "object" || client === null || !("name" in client) || !("version" in client)) return "unknown";
  return oneLine(`${String(client.name)} ${String(client.version)}`, longestClientName);
}

/** What the client's side says about the call in `_meta`: `holdfast/key` and `holdfast/sent-before-ms`. */
function occasionOf(context: ServerContext): { occasion?: CallOccasion } {
  const meta: Readonly<Record<string, unknown>> = { ...context.mcpReq._meta };
  const key = meta["holdfast/key"];
  const sentBeforeMs = meta["holdfast/sent-before-ms"];
  if (typeof key !== "string" && typeof sentBeforeMs !== "number") return {};
  return {
    occasion: {
      key: typeof key === "string" ? key.slice(0, longestKey) : undefined,
      sentBeforeMs: typeof sentBeforeMs === "number" && sentBeforeMs >= 0 ? sentBeforeMs : undefined,
    },
  };
}

/** A way to send progress, if the client asked for it. Progress is the time since the call began: it must only ever grow. */
function progressOf(context: ServerContext): { progress?: (message: string) => void } {
  const token = context.mcpReq._meta?.progressToken;
  if (token === undefined) return {};
  const startedMs = monotonicMs() - (occasionOf(context).occasion?.sentBeforeMs ?? 0);
  let sent = 0;
  return {
    progress: (message) => {
      const progress = Math.max(sent + 1, Math.round(monotonicMs() - startedMs)) / 1_000;
      sent = Math.round(progress * 1_000);
      context.mcpReq
        .notify({ method: "notifications/progress", params: { progressToken: token, progress, message } })
        .catch(() => undefined);
    },
  };
}
