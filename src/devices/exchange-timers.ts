import { after } from "../base/index.ts";

/** Times of one exchange, all over with it. */
export class ExchangeTimers {
  readonly #revision: () => number;
  readonly #later = new Set<() => void>();
  #still: (() => void) | undefined;
  #again: (() => void) | undefined;

  /** `revision` goes up with each piece of output. */
  constructor(revision: () => number) {
    this.#revision = revision;
  }

  /** Acts if nothing has come in `waitMs`; only the last one that was asked for does. */
  standsStill(waitMs: number, action: () => void): void {
    const before = this.#revision();
    this.#still?.();
    this.#still = after(waitMs, () => {
      if (this.#revision() === before) action();
    });
  }

  /** Acts after `waitMs`; only the last one that was asked for does. */
  again(waitMs: number, action: () => void): void {
    this.#again?.();
    this.#again = after(waitMs, action);
  }

  later(waitMs: number, action: () => void): void {
    const cancel = after(waitMs, () => {
      this.#later.delete(cancel);
      action();
    });
    this.#later.add(cancel);
  }

  cancel(): void {
    this.#still?.();
    this.#again?.();
    for (const cancel of this.#later) cancel();
    this.#later.clear();
  }
}
