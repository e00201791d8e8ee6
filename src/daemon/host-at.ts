import type { ToolHost } from "../tools/index.ts";

/** The same tools for a caller who works in `directory` of this machine. */
export function hostAt(host: ToolHost, directory: string | undefined): ToolHost {
  if (directory === undefined) return host;
  return {
    list: () => host.list(),
    ...(host.catalog === undefined ? {} : { catalog: host.catalog }),
    call: (call) => host.call({ ...call, local: { directory } }),
  };
}
