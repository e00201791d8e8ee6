import { HoldfastError, type Pulse, monotonicMs } from "../../base/index.ts";
import type { CommandBook } from "../commands/command-book.ts";
import type { HostCommand } from "../commands/host-command.ts";
import type { EndOfCommand } from "./end-of-command.ts";

/** How long a new command waits for the session to be ready again after the one before: far more than it takes. */
const readyTimeoutMs = 10_000;

/** How long we wait to hear whether the session shell is idle before we call it busy. */
const idleAnswerMs = 1500;

export interface IdleDeps {
  readonly session: string;
  readonly commands: CommandBook;
  readonly ends: EndOfCommand;
  /** Fires with every event from the host. */
  readonly news: Pulse;
  attach(): Promise<void>;
}

/**
 * Resolves when the session shell is ready for the next command (undefined), or with the command that keeps it busy. Rejects with
 * `timed_out`, or as attaching does.
 */
export async function untilIdle(deps: IdleDeps): Promise<HostCommand | undefined> {
  const { ends } = deps;
  const heardBy = monotonicMs() + idleAnswerMs;
  const readyBy = monotonicMs() + readyTimeoutMs;
  ends.prepare();
  while (!ends.ready) {
    const running = deps.commands.inFront()[0];
    if (running !== undefined && ends.surelyRunning(running)) return running;
    if (running !== undefined && monotonicMs() > (ends.settling(running) ? readyBy : heardBy)) return running;
    if (monotonicMs() > readyBy) {
      throw new HoldfastError("timed_out", `${deps.session} did not get ready for the next command`, {
        hint: "Call again",
      });
    }
    await deps.news.wait(200);
    await deps.attach();
    ends.prepare();
  }
  return undefined;
}
