import { fileURLToPath } from "node:url";
import { CLIENT_CAPABILITIES_META_KEY, type McpServer, type ServerContext } from "@modelcontextprotocol/server";
import { z } from "zod";

/** What a client may name: more are no directories that a person has opened. */
const mostRoots = 100;

/** PATH_MAX of Linux. */
const longestPath = 4_096;

/** A client has its list in memory; one that does not answer within this time says nothing. */
const answerMs = 10_000;

const capabilities = z.object({ roots: z.object({ listChanged: z.boolean().optional() }) });
const listing = z.object({ roots: z.array(z.object({ uri: z.string() })) });

/** The protocol library would take one URI of another kind for a broken answer. */
const anyAnswer = z.record(z.string(), z.unknown());

type Roots = readonly string[] | undefined;

/**
 * The directories of this machine in what a client answers to `roots/list`: of `file:` URIs with plain absolute paths, never the root of the file
 * system. Undefined for an empty list and for what is none; an empty list where it names only what cannot be used.
 */
export function readRoots(answer: unknown): Roots {
  const parsed = listing.safeParse(answer);
  if (!parsed.success || parsed.data.roots.length === 0) return undefined;
  return parsed.data.roots.slice(0, mostRoots).flatMap(({ uri }) => directoryOf(uri));
}

function directoryOf(uri: string): readonly string[] {
  if (!/^file:\/\//i.test(uri) || uri.length > 3 * longestPath) return [];
  try {
    const url = new URL(uri);
    // Of another machine, or of what is no path at all.
    if (url.hostname !== "" || url.search !== "" || url.hash !== "") return [];
    const path = fileURLToPath(url).replace(/(?<=.)\/+$/, "");
    return path.startsWith("/") && !/^\/*$/.test(path) && path.length <= longestPath && !path.includes("\0")
      ? [path]
      : [];
  } catch {
    return [];
  }
}

/** What the client says of roots, with the request or once in the older handshake; undefined when it has none. */
export function rootsCapability(
  server: McpServer["server"],
  context: ServerContext,
): { readonly listChanged?: boolean | undefined } | undefined {
  const envelope: Readonly<Record<string, unknown>> = { ...context.mcpReq.envelope };
  // oxlint-disable-next-line typescript/no-deprecated -- clients of older revisions say it nowhere else
  const declared = capabilities.safeParse(envelope[CLIENT_CAPABILITIES_META_KEY] ?? server.getClientCapabilities());
  return declared.success ? declared.data.roots : undefined;
}

/** The roots of one client of a revision up to 2025-11-25: asked for when they are needed, and again when it has said that they have changed. */
export class AskedRoots {
  readonly #server: McpServer["server"];
  #known: Promise<Roots> | undefined;

  constructor(server: McpServer["server"]) {
    this.#server = server;
    server.setNotificationHandler("notifications/roots/list_changed", () => {
      this.#known = undefined;
    });
  }

  /** How a call asks; undefined where its client has no roots. */
  of(context: ServerContext): (() => Promise<Roots>) | undefined {
    const capability = rootsCapability(this.#server, context);
    if (capability === undefined) return undefined;
    return async () => {
      const asking = this.#known ?? this.#ask(context);
      // One that does not tell of changes is asked each time.
      if (capability.listChanged === true) this.#known = asking;
      return asking;
    };
  }

  async #ask({ mcpReq }: ServerContext): Promise<Roots> {
    try {
      const options = { signal: mcpReq.signal, timeout: answerMs };
      return readRoots(await mcpReq.send({ method: "roots/list" }, anyAnswer, options));
    } catch {
      this.#known = undefined;
      return undefined;
    }
  }
}
