import type { ApprovalDesk } from "../approvals/index.ts";
import { HoldfastError, asHoldfastError, renderError } from "../base/index.ts";
import { emptyCatalog, type Catalog } from "./catalog.ts";
import type { ToolHost } from "./tool-host.ts";
import { toolTable } from "./tool-table.ts";

/** A tool host and the end of its life. */
export interface OpenToolHost {
  readonly host: ToolHost;
  /** Where its questions to people lie; undefined when they lie in another process. */
  readonly desk?: ApprovalDesk;
  /** Whether something runs on a host that this process watches over. */
  busy(): Promise<boolean>;
  /** Detaches from all hosts; sessions stay there. */
  close(): Promise<void>;
}

/**
 * A tool host that is opened by its first call, so that clients are answered at once and a fault of the set-up reaches the agent
 * as an error reply. A failed opening is tried again by the next call.
 */
export function createLazyToolHost(open: () => Promise<OpenToolHost>, desk?: ApprovalDesk): OpenToolHost {
  let opening: Promise<OpenToolHost> | undefined;
  const opened = (): Promise<OpenToolHost> => {
    const attempt = opening ?? open();
    opening = attempt;
    attempt.catch(() => {
      if (opening === attempt) opening = undefined;
    });
    return attempt;
  };
  const catalog = async (): Promise<Catalog> => (await opened()).host.catalog ?? emptyCatalog;
  return {
    host: {
      list: () => toolTable,
      catalog: {
        targets: async () => (await catalog()).targets(),
        sessions: async () => (await catalog()).sessions(),
        commands: async (limit) => (await catalog()).commands(limit),
        find: async (id) => (await catalog()).find(id),
        screens: async () => (await catalog()).screens(),
        screenOf: async (session) => (await catalog()).screenOf(session),
      },
      watching: {
        open: async (request) => {
          const { watching } = (await opened()).host;
          if (watching === undefined) throw new HoldfastError("unsupported", "nothing can be watched here");
          return watching.open(request);
        },
      },
      call: async (call) => {
        try {
          return await (await opened()).host.call(call);
        } catch (thrown) {
          return { text: renderError(asHoldfastError(thrown)), isError: true };
        }
      },
    },
    busy: async () => (await opening?.catch(() => undefined))?.busy() ?? false,
    ...(desk === undefined ? {} : { desk }),
    close: async () => {
      desk?.close();
      const inner = await opening?.catch(() => undefined);
      await inner?.close();
    },
  };
}
