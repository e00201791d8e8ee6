import { HoldfastError } from "../../base/index.ts";
import type { CommandView, SessionBook, SessionView } from "../../sessions/index.ts";
import { findCommand } from "../command-id.ts";
import type { WatchRequest, Watching } from "./watch-api.ts";
import { WatchedView, type WatchParts } from "./watched-view.ts";

/** Commands of a session that are looked through for one that runs. */
const newestLooked = 100;

/** The person's own shell, as a login begins it; what runs this line is a POSIX shell. */
const loginShell = 'exec "${SHELL:-/bin/sh}" -l';

/** The size of a terminal that is made for somebody without a window. */
const usualSize = { columns: 120, rows: 40 };

/** Watching of the commands in a session book. */
export function createWatching(sessions: SessionBook, parts: WatchParts): Watching {
  const lines = new Map<CommandView, number>();
  return {
    open: async (request) => {
      const { command, fresh, line } = await findWatched(sessions, request);
      parts.recorder.goOn(command);
      if (!line) return new WatchedView(command, { ...request, fresh }, parts);
      lines.set(command, (lines.get(command) ?? 0) + 1);
      return new WatchedView(command, { ...request, fresh, left: () => leave(lines, command) }, parts);
    },
  };
}

/** A view of a device's line is for people alone: it ends with the last of them. */
function leave(lines: Map<CommandView, number>, command: CommandView): void {
  const others = (lines.get(command) ?? 1) - 1;
  if (others > 0) lines.set(command, others);
  else {
    lines.delete(command);
    command.stop("HUP").catch(() => undefined);
  }
}

interface Found {
  readonly command: CommandView;
  readonly fresh: boolean;
  /** It is a device's own line. */
  readonly line: boolean;
}

async function findWatched(sessions: SessionBook, request: WatchRequest): Promise<Found> {
  const { on, fresh } = request;
  const named = /^[^/]+\/\d+$/.test(on);
  if (request.onlyHere) await refuseElsewhere(sessions, named ? on.slice(0, on.lastIndexOf("/")) : on);
  if (named) return { command: await findCommand(sessions, on), fresh: false, line: false };
  const session = await sessions.find(on);
  const line = await session.watchLine(request.window ?? usualSize);
  if (line !== undefined) return { command: line, fresh: false, line: true };
  const running = fresh ? undefined : await newestRunning(session);
  if (running !== undefined) return { command: running, fresh: false, line: false };
  if (request.readOnly) {
    throw new HoldfastError("command_unknown", `nothing runs in ${session.name} that could be watched`, {
      hint: "Without --read-only a shell is opened there",
    });
  }
  return {
    command: await session.run({ command: loginShell, terminal: request.window ?? usualSize }),
    fresh: true,
    line: false,
  };
}

async function refuseElsewhere(sessions: SessionBook, name: string): Promise<void> {
  const here = (await sessions.list({})).some((session) => session.name === name && session.state === "attached");
  if (!here) throw new HoldfastError("session_unknown", `this process is not attached to "${name}"`);
}

/** The newest command that runs on a terminal, else the newest that runs. */
async function newestRunning(session: SessionView): Promise<CommandView | undefined> {
  const running = (await session.commands(newestLooked)).filter(({ state }) => state.kind === "running");
  return running.find(({ terminal }) => terminal !== undefined) ?? running[0];
}
