/** Tools that only look: calling them twice does no harm. A test compares the list with the tool table. */
export const readOnlyTools: ReadonlySet<string> = new Set(["ssh_file_read", "ssh_list", "ssh_read"]);

/** Tools that start something once per key, so that with a key of ours they may be called again. */
export const keyedTools: ReadonlySet<string> = new Set(["ssh_run"]);

/** Members of a request's `_meta` by which the relay tells the server which call it is, and that it was sent before. */
export const metaNames = { key: "holdfast/key", sentBefore: "holdfast/sent-before-ms" } as const;

/** What may be done with a request whose connection was lost before it was answered. */
export type Repetition = "safe" | "keyed" | "unsafe";

/** Everything but the calls of tools only asks. */
export function repetitionOf(tool: string | undefined): Repetition {
  if (tool === undefined || readOnlyTools.has(tool)) return "safe";
  return keyedTools.has(tool) ? "keyed" : "unsafe";
}
