import type { ApprovalDesk } from "../approvals/index.ts";
import { HoldfastError, renderError } from "../base/index.ts";
import type { SessionBook } from "../sessions/index.ts";
import type { CallAsker } from "./call-attendant.ts";
import { createCatalog, type Catalog } from "./catalog.ts";
import { openGate, type Gate } from "./gate.ts";
import { KeyBook } from "./key-book.ts";
import type { Reply } from "./reply.ts";
import { runTool } from "./run-tool.ts";
import type { CallOccasion, Tool } from "./tool.ts";
import { toolTable } from "./tool-table.ts";

/** One call of a tool, from whichever face. */
export interface ToolCall {
  readonly name: string;
  /** As they came: checked by the tool. */
  readonly args: unknown;
  /** Name and version of the client, for the audit. */
  readonly client: string;
  /** Aborted with `cancelledByCaller` when the caller asked for it, with anything else when the caller is gone. */
  readonly signal: AbortSignal;
  readonly progress?: (message: string) => void;
  /** Which call of its client this is, where the client's side can make it again after a lost connection. */
  readonly occasion?: CallOccasion;
  /** How the person behind the call can be asked, where the client can do that. */
  readonly asker?: CallAsker;
}

/** The seam between the faces (MCP, command line) and the tools: in this process, or in another one. */
export interface ToolHost {
  list(): readonly Tool[];
  /** Never rejects: a call that fails gives an error reply. */
  call(call: ToolCall): Promise<Reply>;
  /** What there is and when it changes; undefined where tools can only be called. */
  readonly catalog?: Catalog;
}

interface ToolHostParts {
  readonly sessions: SessionBook;
  readonly gate?: Gate;
  readonly desk?: ApprovalDesk;
}

/** A tool host that runs the tools in this process. */
export function createToolHost(parts: ToolHostParts): ToolHost {
  const gate = parts.gate ?? openGate;
  const keys = new KeyBook();
  const tools = new Map(toolTable.map((tool) => [tool.name, tool]));
  return {
    list: () => toolTable,
    catalog: createCatalog(parts.sessions),
    call: async ({ name, args, client, signal, progress, occasion, asker }) => {
      const tool = tools.get(name);
      if (tool === undefined) return unknownTool(name);
      const context = { sessions: parts.sessions, keys, signal, progress, occasion };
      return runTool({ tool, args, client, gate, desk: parts.desk, asker, context });
    },
  };
}

function unknownTool(name: string): Reply {
  const error = new HoldfastError("bad_input", `there is no tool ${JSON.stringify(name.slice(0, 60))}`, {
    hint: `Known: ${toolTable.map((tool) => tool.name).join(", ")}`,
  });
  return { text: renderError(error), isError: true };
}
