/** Lets one task at a time through, in the order of arrival. */
export class Mutex {
  #tail: Promise<unknown> = Promise.resolve();

  /** Runs `task` when all earlier ones have ended, however they ended. */
  async run<T>(task: () => Promise<T>): Promise<T> {
    const before = this.#tail;
    const mine = (async () => {
      await before;
      return task();
    })();
    this.#tail = mine.catch(() => undefined);
    return mine;
  }
}

/** At most `limit` holders at a time; others wait in the order of arrival. */
export class Semaphore {
  #limit: number;
  #held = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(limit: number) {
    this.#limit = limit;
  }

  get free(): number {
    return Math.max(0, this.#limit - this.#held);
  }

  /** Takes a place, waiting for one if there is none; the returned function gives it back (once). */
  async acquire(): Promise<() => void> {
    if (this.#held >= this.#limit) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#held += 1;
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      this.#release();
    };
  }

  /** Lowers the limit for good, never below 1: a server that allows less than we thought has said so. */
  shrink(limit: number): void {
    this.#limit = Math.max(1, Math.min(this.#limit, limit));
  }

  #release(): void {
    const next = this.#held <= this.#limit ? this.#waiting.shift() : undefined;
    if (next === undefined) this.#held -= 1;
    else next();
  }
}
