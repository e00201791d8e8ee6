import type { ApprovalDesk } from "../approvals/index.ts";
import { HoldfastError, oneLine, renderError } from "../base/index.ts";
import { openConfig, type Config } from "../config/index.ts";
import type { LogShelf } from "../logs/index.ts";
import type { SessionBook } from "../sessions/index.ts";
import type { CallAsker } from "./call-attendant.ts";
import { createCatalog, type Catalog } from "./catalog.ts";
import { openGate, type Gate, type Redact } from "./gate.ts";
import { KeyBook } from "./key-book.ts";
import { ScreenBook } from "./screen-book.ts";
import type { CallerGround, ClientRoots } from "./local-ground.ts";
import type { Reply } from "./reply.ts";
import { Recorder } from "./recording/recorder.ts";
import { runTool } from "./run-tool.ts";
import type { CallOccasion, Tool } from "./tool.ts";
import { toolTable } from "./tool-table.ts";
import { createWatching } from "./watching/create-watching.ts";
import { FloorBook } from "./watching/floor-book.ts";
import { WindowSizes } from "./watching/window-sizes.ts";
import type { Watching } from "./watching/watch-api.ts";

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
  /** Where the caller works on this machine. */
  readonly local?: CallerGround;
  /** What its client says of that, where it can be asked. */
  readonly roots?: ClientRoots;
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
  /** How people watch commands, and type into them; undefined where tools can only be called. */
  readonly watching?: Watching;
}

interface ToolHostParts {
  /** Where logs go; without one, nothing is recorded. */
  readonly shelf?: LogShelf;
  readonly sessions: SessionBook;
  readonly gate?: Gate;
  readonly desk?: ApprovalDesk;
  /** Default: the environment and its settings file. */
  readonly config?: Config;
}

/** A tool host that runs the tools in this process. */
export function createToolHost(parts: ToolHostParts): ToolHost {
  const config = parts.config ?? openConfig();
  const open = parts.gate ?? openGate;
  // Everything that leaves goes through here: replies, errors, progress, lists.
  const redact: Redact = Object.assign((text: string): string => config.hide(open.redact(text)), {
    borders: open.redact.borders,
  });
  const gate: Gate = { ...open, redact };
  const keys = new KeyBook();
  const screens = new ScreenBook();
  const floors = new FloorBook();
  const recorder = new Recorder({
    shelf: parts.shelf,
    wanted: () => config.logs.record,
    // For the user of this machine, who may see every address.
    redact: open.redact,
    complain: (text) => void process.stderr.write(`holdfast: ${redact(text)}\n`),
  });
  const tools = new Map(toolTable.map((tool) => [tool.name, tool]));
  return {
    list: () => toolTable,
    catalog: createCatalog(parts.sessions, redact),
    watching: createWatching(parts.sessions, { screens, floors, recorder, sizes: new WindowSizes() }),
    call: async ({ name, args, client, signal, progress, occasion, asker, local, roots }) => {
      const tool = tools.get(name);
      if (tool === undefined) return unknownTool(name);
      // What has changed in the settings holds from now on; a call that needs them says itself why they cannot be read.
      await config.rules().catch(() => undefined);
      const tell = progress && ((message: string) => progress(redact(message)));
      const books = { sessions: parts.sessions, keys, screens, floors, recorder };
      const context = { ...books, config, signal, progress: tell, occasion, local, roots };
      const reply = await runTool({ tool, args, client, gate, desk: parts.desk, asker, context });
      return withComplaint(hiddenInError(reply, config), config);
    },
  };
}

/** What the system says about a failure may hold addresses that nobody has resolved. */
function hiddenInError(reply: Reply, config: Config): Reply {
  if (!reply.isError) return reply;
  const [first = "", ...rest] = reply.text.split("\n");
  return { ...reply, text: [config.hideInError(first), ...rest].join("\n") };
}

/** A settings file that was broken meanwhile is told of once. */
function withComplaint(reply: Reply, config: Config): Reply {
  const complaint = config.takeComplaint();
  if (complaint === undefined) return reply;
  const text = reply.text.replace(/\n$/, "");
  return { ...reply, text: `${text}\n\nnote · ${config.hide(oneLine(complaint, 500))}` };
}

function unknownTool(name: string): Reply {
  const error = new HoldfastError("bad_input", `there is no tool ${JSON.stringify(name.slice(0, 60))}`, {
    hint: `Known: ${toolTable.map((tool) => tool.name).join(", ")}`,
  });
  return { text: renderError(error), isError: true };
}
