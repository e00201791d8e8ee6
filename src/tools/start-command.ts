import { HoldfastError } from "../base/index.ts";
import type { CommandView, RunRequest } from "../sessions/index.ts";
import type { ToolContext } from "./tool.ts";

/** A command that a call has started, or found running under its key. */
export interface StartedCommand {
  readonly command: CommandView;
  /** True when an earlier call with the same key had started it. */
  readonly attached: boolean;
}

/** Finds or opens the session for `on` and starts the command there, once per key. Rejects with `cancelled` when the caller had gone before it started. */
export async function startCommand(
  on: string,
  request: RunRequest,
  key: string | undefined,
  context: ToolContext,
): Promise<StartedCommand> {
  refuseAborted(context.signal);
  const session = await context.sessions.find(on);
  refuseAborted(context.signal);
  if (key === undefined) return { command: await session.run(request), attached: false };
  return context.keys.startOnce(session.name, key, fingerprint(request), () => session.run(request));
}

/** Two requests with the same fingerprint are the same command. */
function fingerprint(request: RunRequest): string {
  return JSON.stringify([request.command, request.stdin, request.cwd, request.env, request.timeoutMs]);
}

function refuseAborted(signal: AbortSignal): void {
  if (!signal.aborted) return;
  throw new HoldfastError("cancelled", "the call was cancelled before its command started; nothing was run", {
    hint: "Call again to run it",
  });
}
