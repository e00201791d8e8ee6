import { HoldfastError, type Pulse, monotonicMs } from "../../base/index.ts";
import type { CommandBook } from "../commands/command-book.ts";
import type { HostCommand } from "../commands/host-command.ts";
import type { EndOfCommand } from "./end-of-command.ts";

/** How long a new command waits for the session to be ready again after the one before: far more than it takes. */
const readyTimeoutMs = 10_000;

/** A wait begins anew with each link, as often as this: what was asked for on the one before is asked for again. */
const linksAtMost = 3;

/** How long we wait to hear whether the session shell is idle before we call it busy. */
const idleAnswerMs = 1500;

export interface IdleDeps {
  readonly session: string;
  readonly commands: CommandBook;
  readonly ends: EndOfCommand;
  /** Fires with every event from the host. */
  readonly news: Pulse;
  /** The link to the host that there is; another one after it was lost. */
  attach(): Promise<object>;
}

/**
 * Resolves when the session shell is ready for the next command (undefined), or with the command that keeps it busy. To be watched: a link
 * that dies is waited on for its whole time. Rejects with `timed_out`, or as attaching does.
 */
export async function untilIdle(deps: IdleDeps): Promise<HostCommand | undefined> {
  const { ends } = deps;
  ends.prepare();
  if (ends.ready) return undefined;
  let link = await deps.attach();
  for (let links = 1; ; links += 1) {
    const fromMs = monotonicMs();
    let now = link;
    while (now === link || links === linksAtMost) {
      if (ends.ready) return undefined;
      const busy = busyWith(deps, monotonicMs() - fromMs);
      if (busy !== undefined) return busy;
      await deps.news.wait(200);
      now = await deps.attach();
      ends.prepare();
    }
    link = now;
  }
}

/** The command that keeps the shell busy, as far as that is known `waitedMs` after asking. Throws `timed_out` when the wait is over. */
function busyWith({ session, commands, ends }: IdleDeps, waitedMs: number): HostCommand | undefined {
  const running = commands.inFront()[0];
  if (running !== undefined && ends.surelyRunning(running)) return running;
  if (running !== undefined && waitedMs > (ends.settling(running) ? readyTimeoutMs : idleAnswerMs)) return running;
  if (waitedMs <= readyTimeoutMs) return undefined;
  throw new HoldfastError("timed_out", `${session} did not get ready for the next command`, { hint: "Call again" });
}
