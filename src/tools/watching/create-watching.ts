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
  return {
    open: async (request) => {
      const { command, fresh } = await findWatched(sessions, request);
      parts.recorder.goOn(command);
      return new WatchedView(command, { ...request, fresh }, parts);
    },
  };
}

interface Found {
  readonly command: CommandView;
  readonly fresh: boolean;
}

async function findWatched(sessions: SessionBook, request: WatchRequest): Promise<Found> {
  const { on, fresh } = request;
  const named = /^[^/]+\/\d+$/.test(on);
  if (request.onlyHere) await refuseElsewhere(sessions, named ? on.slice(0, on.lastIndexOf("/")) : on);
  if (named) return { command: await findCommand(sessions, on), fresh: false };
  const session = await sessions.find(on);
  const running = fresh ? undefined : await newestRunning(session);
  if (running !== undefined) return { command: running, fresh: false };
  if (request.readOnly) {
    throw new HoldfastError("command_unknown", `nothing runs in ${session.name} that could be watched`, {
      hint: "Without --read-only a shell is opened there",
    });
  }
  return {
    command: await session.run({ command: loginShell, terminal: request.window ?? usualSize }),
    fresh: true,
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
