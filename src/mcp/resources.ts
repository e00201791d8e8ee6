import {
  ProtocolError,
  ProtocolErrorCode,
  ResourceNotFoundError,
  type ListResourceTemplatesResult,
  type ListResourcesResult,
  type McpServer,
  type ReadResourceResult,
  type ServerContext,
} from "@modelcontextprotocol/server";
import type { HoldfastError } from "../base/index.ts";
import { oneLine, renderError, asHoldfastError } from "../base/index.ts";
import type { Catalog, Reply, ToolHost } from "../tools/index.ts";
import { callSignal } from "./cancellation.ts";
import { commandIdOf, outputTemplate, outputUriOf } from "./output-resource.ts";
import { screenSessionOf, screenTemplate, screenUriOf } from "./screen-resource.ts";
import { ResourceFollows } from "./resource-follows.ts";

/** Commands in the list, the newest; the others are found by the template. */
const listedCommands = 100;

/** Characters of a resource: several times what a reply shows, still within what clients take at once. */
const resourceCharacters = 64_000;

/** Room for a command's text in the list. */
const longestTitle = 100;

const mimeType = "text/plain";

/** Replies of a read that mean: there is no such resource. */
const notFound = /^(?:bad_input|session_unknown|command_unknown): /;

interface ResourceParts {
  readonly host: ToolHost;
  readonly catalog: Catalog;
  readonly clientOf: (context: ServerContext) => string;
}

/** Serves the output of commands and the screens of sessions as resources: list, template, read and, to clients of the older revisions, subscriptions. */
export function serveResources({ server }: McpServer, parts: ResourceParts): void {
  const { host, catalog } = parts;
  server.registerCapabilities({ resources: { subscribe: true, listChanged: false } });
  server.setRequestHandler("resources/list", () => listResources(catalog));
  server.setRequestHandler("resources/templates/list", () => templates);
  server.setRequestHandler("resources/read", async ({ params }, context) => {
    const reply = await host.call({
      name: "ssh_read",
      args: { ...(await readingOf(params.uri, catalog)), wait_s: 0, max_output: resourceCharacters },
      client: parts.clientOf(context),
      signal: callSignal(context.mcpReq.signal),
    });
    return contentsOf(params.uri, reply);
  });
  const follows = new ResourceFollows(catalog, (uri) => {
    server.sendResourceUpdated({ uri }).catch(() => undefined);
  });
  server.onclose = () => follows.close();
  server.setRequestHandler("resources/subscribe", async ({ params }) => {
    await follows.follow(params.uri, params.uri).catch((thrown: unknown) => {
      throw protocolError(params.uri, asHoldfastError(thrown));
    });
    return {};
  });
  server.setRequestHandler("resources/unsubscribe", ({ params }) => {
    follows.release(params.uri);
    return {};
  });
}

/** What is to be read of which command. */
async function readingOf(uri: string, catalog: Catalog): Promise<Readonly<Record<string, string>>> {
  const command = commandIdOf(uri);
  if (command !== undefined) return { command };
  const session = screenSessionOf(uri);
  if (session === undefined) throw new ResourceNotFoundError(uri);
  try {
    return { command: (await catalog.screenOf(session)).id, stream: "screen" };
  } catch (thrown) {
    throw protocolError(uri, asHoldfastError(thrown));
  }
}

const templates: ListResourceTemplatesResult = {
  resourceTemplates: [
    {
      uriTemplate: outputTemplate,
      name: "command-output",
      title: "Output of a command",
      description: "State and output of a command, running or ended, as ssh_read shows it. Changes while it runs.",
      mimeType,
    },
    {
      uriTemplate: screenTemplate,
      name: "session-screen",
      title: "Screen of a session",
      description: "The screen of the session's newest terminal, as ssh_read shows it. Changes while it runs.",
      mimeType,
    },
  ],
};

async function listResources(catalog: Catalog): Promise<ListResourcesResult> {
  const [commands, screens] = [await catalog.commands(listedCommands), await catalog.screens()];
  const ofCommands = commands.map(({ id, text, state }) => ({
    uri: outputUriOf(id),
    name: id,
    ...(text === undefined || text === "" ? {} : { title: oneLine(text, longestTitle) }),
    description: `${state} · output of ${id}`,
    mimeType,
  }));
  const ofSessions = screens.map((name) => ({
    uri: screenUriOf(name),
    name: `${name} screen`,
    description: `screen of the newest terminal of ${name}`,
    mimeType,
  }));
  return { resources: [...ofCommands, ...ofSessions] };
}

/** A command of which sight was lost is a resource too; only what nothing is known of is an error. */
function contentsOf(uri: string, reply: Reply): ReadResourceResult {
  if (!reply.isError || reply.text.startsWith("lost ")) return { contents: [{ uri, mimeType, text: reply.text }] };
  if (notFound.test(reply.text)) throw new ResourceNotFoundError(uri, oneLine(reply.text, 500));
  throw new ProtocolError(ProtocolErrorCode.InternalError, oneLine(reply.text, 500));
}

function protocolError(uri: string, error: HoldfastError): ProtocolError {
  const text = oneLine(renderError(error), 500);
  if (notFound.test(text)) return new ResourceNotFoundError(uri, text);
  return new ProtocolError(ProtocolErrorCode.InternalError, text);
}
