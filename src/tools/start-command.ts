import { HoldfastError, sha256Hex } from "../base/index.ts";
import type { CommandView, RunRequest, SessionView } from "../sessions/index.ts";
import type { ToolContext } from "./tool.ts";

/** A command that a call has started, or found running under its key. */
export interface StartedCommand {
  readonly command: CommandView;
  /** True when an earlier call with the same key had started it. */
  readonly attached: boolean;
}

/** Finds or opens the session for `on` and starts the command there, once per key. Rejects with `cancelled` when the caller had gone before it started, and with `connection_lost` when nobody can know whether an earlier attempt started it. */
export async function startCommand(
  on: string,
  request: RunRequest,
  key: string | undefined,
  context: ToolContext,
): Promise<StartedCommand> {
  const { occasion } = context;
  const sentBefore = occasion?.sentBeforeMs !== undefined;
  refuseAborted(context.signal);
  const once = key ?? occasion?.key;
  const keyed = once === undefined ? request : { ...request, key: once };
  // Looking on the host costs a round trip: only where somebody may have used the key that we do not remember.
  const mayBeThere = key !== undefined || sentBefore;
  const { session, command } = await openFor(on, mayBeThere ? undefined : keyed, context);
  if (command === undefined) refuseAborted(context.signal);
  if (session.floor !== undefined) context.floors.refuseTaken(session.floor, "nothing was run");
  if (once === undefined) return { command: command ?? (await session.run(request)), attached: false };
  const place = { session: session.name, key: once, request: fingerprint(request) };
  return context.keys.startOnce(place, async () => {
    const earlier = mayBeThere ? await session.earlier(keyed) : undefined;
    if (earlier !== undefined) return { command: earlier, attached: true };
    if (sentBefore && !session.survives.disconnects) throw unknownOutcome(session.name);
    return { command: command ?? (await session.run(keyed)), attached: false };
  });
}

/** The session for `on`; where it has to be made, `first` may be started with it: nobody can have started it before. */
async function openFor(
  on: string,
  first: RunRequest | undefined,
  { sessions }: ToolContext,
): Promise<{ readonly session: SessionView; readonly command?: CommandView | undefined }> {
  const aside = first?.background === true || first?.terminal !== undefined;
  if (first === undefined || aside) return { session: await sessions.find(on) };
  return sessions.begin(on, first);
}

/** Two requests with the same fingerprint are the same command. */
function fingerprint(request: RunRequest): string {
  const { command, stdin, cwd, env, timeoutMs, background, sudo, terminal } = request;
  return sha256Hex(JSON.stringify([command, stdin, cwd, env, timeoutMs, background, sudo, terminal]));
}

/** The call was made before, to a server that is gone, and this session keeps nothing on its host that could tell. */
function unknownOutcome(session: string): HoldfastError {
  return new HoldfastError(
    "connection_lost",
    `the server ended while the command was on its way to ${session}; whether it ran is unknown`,
    { hint: "Check its effects on the host before you run it again" },
  );
}

function refuseAborted(signal: AbortSignal): void {
  if (!signal.aborted) return;
  throw new HoldfastError("cancelled", "the call was cancelled before its command started; nothing was run", {
    hint: "Call again to run it",
  });
}
