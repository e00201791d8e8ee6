import { asHoldfastError, renderError } from "../base/index.ts";
import type { ToolHost } from "./tool-host.ts";
import { toolTable } from "./tool-table.ts";

/** A tool host and the end of its life. */
export interface OpenToolHost {
  readonly host: ToolHost;
  /** Detaches from all hosts; sessions stay there. */
  close(): Promise<void>;
}

/**
 * A tool host that is opened by its first call, so that clients are answered at once and a fault of the set-up reaches the agent
 * as an error reply. A failed opening is tried again by the next call.
 */
export function createLazyToolHost(open: () => Promise<OpenToolHost>): OpenToolHost {
  let opening: Promise<OpenToolHost> | undefined;
  const opened = (): Promise<OpenToolHost> => {
    const attempt = opening ?? open();
    opening = attempt;
    attempt.catch(() => {
      if (opening === attempt) opening = undefined;
    });
    return attempt;
  };
  return {
    host: {
      list: () => toolTable,
      call: async (call) => {
        try {
          return await (await opened()).host.call(call);
        } catch (thrown) {
          return { text: renderError(asHoldfastError(thrown)), isError: true };
        }
      },
    },
    close: async () => {
      const inner = await opening?.catch(() => undefined);
      await inner?.close();
    },
  };
}
