/** Wall-clock time in milliseconds since 1970. For showing and storing; it may jump. */
export function wallMs(): number {
  return Date.now();
}

/** Milliseconds on a clock that only goes forward. For durations and deadlines. */
export function monotonicMs(): number {
  // `performance` would be loaded by its first use; this is there.
  return Number(process.hrtime.bigint()) / nanosecondsPerMs;
}

/** Processor time that this process has used, in ms: how long something took, whatever else the machine had to do. */
export function processorMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

const nanosecondsPerMs = 1_000_000;

/** The longest delay Node's timers take (2^31 - 1 ms); longer ones would fire at once. */
const longestDelayMs = 2_147_483_647;

/** Calls `action` once after `delayMs`; the returned function cancels it. The timer does not keep the process alive. */
export function after(delayMs: number, action: () => void): () => void {
  const timer = setTimeout(action, Math.min(Math.max(0, delayMs), longestDelayMs));
  timer.unref();
  return () => {
    clearTimeout(timer);
  };
}

/** Calls `action` once the events that have happened so far are dealt with. */
export function afterEvents(action: () => void): void {
  setImmediate(action);
}

/** Calls `action` every `periodMs` until the returned function is called. Does not keep the process alive. */
export function every(periodMs: number, action: () => void): () => void {
  const timer = setInterval(action, periodMs);
  timer.unref();
  return () => {
    clearInterval(timer);
  };
}

/** Resolves after `delayMs`, or at once when `signal` aborts. Keeps the process alive while it waits. Never rejects. */
export function delay(delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted === true) {
      resolve();
      return;
    }
    const finish = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", finish);
      resolve();
    };
    const timer = setTimeout(finish, Math.min(Math.max(0, delayMs), longestDelayMs));
    signal?.addEventListener("abort", finish, { once: true });
  });
}

/** Marks the outcome "the time was up first" of `withDeadline`. */
export const timeIsUp = Symbol("time is up");

/** The value of `work`, or `timeIsUp` when it takes longer than `limitMs`. `work` goes on; a late rejection of it is swallowed. */
export async function withDeadline<T>(work: Promise<T>, limitMs: number): Promise<T | typeof timeIsUp> {
  let cancel: () => void = () => undefined;
  const limit = new Promise<typeof timeIsUp>((resolve) => {
    const timer = setTimeout(
      () => {
        resolve(timeIsUp);
      },
      Math.min(Math.max(0, limitMs), longestDelayMs),
    );
    cancel = () => {
      clearTimeout(timer);
    };
  });
  work.catch(() => undefined);
  try {
    return await Promise.race([work, limit]);
  } finally {
    cancel();
  }
}
