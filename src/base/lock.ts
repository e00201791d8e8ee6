import { after } from "./clock.ts";

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

  /** How many hold a place now. */
  get held(): number {
    return this.#held;
  }

  /** How many may hold a place at a time, now. */
  get limit(): number {
    return this.#limit;
  }

  /** Takes a place, waiting for one if there is none; the returned function gives it back (once). */
  async acquire(): Promise<() => void>;
  /** The same, but undefined when there was no place within `limitMs`. */
  async acquire(limitMs: number): Promise<(() => void) | undefined>;
  async acquire(limitMs?: number): Promise<(() => void) | undefined> {
    if (this.#held >= this.#limit) {
      if (!(await this.#wait(limitMs))) return undefined;
    } else this.#held += 1;
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

  /** Resolves with whether a place was handed over. */
  #wait(limitMs: number | undefined): Promise<boolean> {
    return new Promise((resolve) => {
      let cancel: () => void = () => undefined;
      const take = (): void => {
        cancel();
        resolve(true);
      };
      this.#waiting.push(take);
      if (limitMs === undefined) return;
      cancel = after(limitMs, () => {
        this.#waiting.splice(this.#waiting.indexOf(take), 1);
        resolve(false);
      });
    });
  }

  #release(): void {
    const next = this.#held <= this.#limit ? this.#waiting.shift() : undefined;
    if (next === undefined) this.#held -= 1;
    else next();
  }
}
