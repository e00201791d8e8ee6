import { monotonicMs } from "../base/index.ts";
import type { CommandView } from "../sessions/index.ts";
import { InputWatch } from "./input-watch.ts";
import { progressPeriodMs, progressReporter, totalBytes } from "./progress-reporter.ts";
import type { ToolContext } from "./tool.ts";

/** Output that follows within this time of the first is shown with it. */
const settleMs = 60;

/** What is left of a wait of `waitMs` for a call that its client's side makes again: it began when it was made first. */
export function waitLeftMs(waitMs: number, { occasion }: Pick<ToolContext, "occasion">): number {
  return Math.max(0, waitMs - (occasion?.sentBeforeMs ?? 0));
}

interface AwaitOptions {
  readonly waitMs: number;
  readonly signal: AbortSignal;
  readonly progress: ((message: string) => void) | undefined;
  /** Come back early when the command is blocked reading its input, so that nobody waits for nothing. */
  readonly noticeInput?: boolean;
}

/**
 * Resolves when the command has ended, the wait is over or the caller is gone; tells the caller the last line of output meanwhile.
 * True when it came back early because the command waits for input.
 */
export async function awaitEnd(command: CommandView, options: AwaitOptions): Promise<boolean> {
  return wait(command, options, {
    done: () => false,
    next: (limitMs) => command.ended(limitMs, options.signal, options.noticeInput),
  });
}

/**
 * Resolves when there is output beyond `seen` bytes of both streams together, the command has ended, the wait is over or the caller is
 * gone. True when it came back early because the command waits for input.
 */
export async function awaitOutput(command: CommandView, seen: number, options: AwaitOptions): Promise<boolean> {
  const until = monotonicMs() + options.waitMs;
  const done = (): boolean => totalBytes(command) > seen;
  const waits = await wait(command, options, {
    done,
    next: (limitMs) => command.changed(limitMs, options.signal),
  });
  if (command.state.kind === "running" && done()) {
    await command.ended(Math.max(0, Math.min(settleMs, until - monotonicMs())), options.signal);
  }
  return waits;
}

/** A terminal that shows nothing new for this long has come to rest; its host tells of new output about five times a second. */
const idleMs = 300;

/**
 * Resolves when nothing has been printed or typed for 0.3 s, which may be so already, or the command has ended, the wait is over or the caller is
 * gone.
 */
export async function awaitIdle(command: CommandView, { waitMs, signal }: AwaitOptions): Promise<void> {
  const until = monotonicMs() + waitMs;
  let seen = totalBytes(command);
  let sinceMs = Math.min(command.movedMs ?? Number.POSITIVE_INFINITY, monotonicMs());
  while (command.state.kind === "running" && !signal.aborted) {
    const left = Math.min(until, sinceMs + idleMs) - monotonicMs();
    if (left <= 0) return;
    await command.changed(left, signal);
    if (totalBytes(command) === seen) continue;
    seen = totalBytes(command);
    sinceMs = monotonicMs();
  }
}

/**
 * Resolves when `look`, which is asked now and after each change, says that what is waited for is there, or the command has ended, the wait
 * is over or the caller is gone. True when it came back early because the command waits for input. Rejects as `look` does.
 */
export async function awaitSight(
  command: CommandView,
  look: () => Promise<boolean>,
  options: AwaitOptions,
): Promise<boolean> {
  let seen = await look();
  return wait(command, options, {
    done: () => seen,
    next: async (limitMs) => {
      await command.changed(limitMs, options.signal);
      seen = await look();
    },
  });
}

interface WaitSteps {
  readonly done: () => boolean;
  readonly next: (limitMs: number) => Promise<void>;
}

async function wait(command: CommandView, options: AwaitOptions, steps: WaitSteps): Promise<boolean> {
  const { signal } = options;
  const until = monotonicMs() + options.waitMs;
  const report = options.progress === undefined ? undefined : progressReporter(command, options.progress);
  const watch = options.noticeInput === true ? new InputWatch(command) : undefined;
  const over = (): boolean => command.state.kind !== "running" || signal.aborted || steps.done();
  const asks = (): boolean => options.noticeInput === true && command.question !== undefined;
  while (!over()) {
    if (asks()) return true;
    const left = until - monotonicMs();
    if (left <= 0) return false;
    await steps.next(Math.min(progressPeriodMs, left));
    if (over()) return false;
    if (asks()) return true;
    if ((await watch?.look(signal)) === true) return true;
    await report?.();
  }
  return false;
}
