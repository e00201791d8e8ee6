import { HoldfastError, after } from "../base/index.ts";

/** So long nothing at all may come while requests wait: a chunk on a slow line takes its time, a minute of silence is none. */
const silenceMs = 60_000;

type Settle<T> = (error: unknown, value?: T) => void;

/** Requests on one channel that wait for their answers; each of them ends, whatever becomes of the channel. */
export class PendingRequests {
  readonly #waiting = new Set<(reason: HoldfastError) => void>();
  readonly #silent: () => void;
  readonly #silenceMs: number;
  #ended: HoldfastError | undefined;
  #cancel: () => void = () => undefined;

  /** `silent` is called when nothing came for a minute; all requests have been rejected with `timed_out` then. */
  constructor(silent: () => void, limitMs = silenceMs) {
    this.#silent = silent;
    this.#silenceMs = limitMs;
  }

  get ended(): boolean {
    return this.#ended !== undefined;
  }

  /** How many wait for their answers. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** The value that `send` hands to its callback; an error it hands over or throws is made ours by `failure`. */
  ask<T>(send: (settle: Settle<T>) => void, failure: (error: unknown) => HoldfastError): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.#ended !== undefined) throw this.#ended;
      const give = (reason: HoldfastError): void => {
        this.#waiting.delete(give);
        reject(reason);
      };
      this.#waiting.add(give);
      if (this.#waiting.size === 1) this.#watch();
      const settle: Settle<T> = (error, value) => {
        if (!this.#waiting.delete(give)) return;
        this.#watch();
        if (error !== undefined && error !== null) reject(failure(error));
        else Reflect.apply(resolve, undefined, [value]);
      };
      try {
        send(settle);
      } catch (thrown) {
        settle(thrown);
      }
    });
  }

  /** Rejects all that waits, and all that will be asked. */
  end(reason: HoldfastError): void {
    this.#cancel();
    this.#ended ??= reason;
    for (const give of this.#waiting) give(reason);
  }

  #watch(): void {
    this.#cancel();
    if (this.#waiting.size === 0 || this.ended) return;
    this.#cancel = after(this.#silenceMs, () => {
      this.end(
        new HoldfastError("timed_out", `the host's file transfer did not answer within ${this.#silenceMs / 1000} s`, {
          hint: "Call again",
        }),
      );
      this.#silent();
    });
  }
}
