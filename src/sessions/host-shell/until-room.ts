import { type Pulse, monotonicMs } from "../../base/index.ts";
import type { CommandBook } from "../commands/command-book.ts";
import type { EndOfCommand } from "./end-of-command.ts";
import { tooManyError } from "./shell-errors.ts";

/** Commands that run at the same time in one session, at most: each is a handful of processes on the host. */
const runningAtOnce = 64;

/** How long we wait to read of one more end what other servers, or we before we came back, have started: it is on its way. */
const nextEndMs = 3000;

export interface RoomDeps {
  readonly session: string;
  readonly commands: Pick<CommandBook, "running">;
  readonly ends: Pick<EndOfCommand, "surelyRunning">;
  /** Fires with every event from the host. */
  readonly news: Pulse;
}

/**
 * Resolves when one more command may be started. After attaching, commands count as running until their ends have been read: those are
 * waited for as long as they come. Rejects with `limit_reached`.
 */
export async function untilRoom({ session, commands, ends, news }: RoomDeps): Promise<void> {
  let count = commands.running().length;
  let giveUpMs = monotonicMs() + nextEndMs;
  while (count >= runningAtOnce) {
    const sure = commands.running().every((command) => ends.surelyRunning(command));
    if (sure || monotonicMs() > giveUpMs) throw tooManyError(session, runningAtOnce);
    await news.wait(100);
    const now = commands.running().length;
    if (now < count) giveUpMs = monotonicMs() + nextEndMs;
    count = now;
  }
}
