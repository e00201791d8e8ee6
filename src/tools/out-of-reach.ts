import type { CommandView } from "../sessions/index.ts";
import { sessionOf } from "./first-line.ts";

/** Process numbers that a note has room for. */
const shownPids = 4;

/** Notes that say what runs as somebody else, whom the session's user may not signal, and what ends that; `on`: the session or target to say so to. */
export function distantNotes(on: string, pids: readonly number[]): readonly string[] {
  if (pids.length === 0) return [];
  const shown = pids.slice(0, shownPids).join(" ");
  const more = pids.length > shownPids ? ` and ${pids.length - shownPids} more` : "";
  const end = JSON.stringify({ on, command: `kill -KILL ${shown}`, sudo: true });
  return [`runs as another user, out of reach: process ${shown}${more}`, `to end it: ssh_run ${end}`];
}

/** The same of a command that was told to end, as its host knows it now. Never rejects. */
export async function leftBy(command: CommandView): Promise<readonly string[]> {
  return distantNotes(sessionOf(command.id), (await command.outOfReach?.().catch(() => [])) ?? []);
}

/** The same of one whose time was up; of others nothing. */
export async function leftAtLimit(command: CommandView): Promise<readonly string[]> {
  return command.state.kind === "timed_out" ? leftBy(command) : [];
}
