/** A thing that others wait to change: every `fire` wakes all that wait at that moment. */
export class Pulse {
  /** Absent while nobody waits: thousands of ended commands have a pulse each. */
  #waiters: Set<() => void> | undefined;

  fire(): void {
    const woken = this.#waiters ?? [];
    this.#waiters = undefined;
    for (const wake of woken) wake();
  }

  /** Resolves at the next `fire`, after `limitMs`, or when `signal` aborts; whichever comes first. Never rejects. */
  wait(limitMs: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const finish = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", finish);
        this.#waiters?.delete(finish);
        resolve();
      };
      const timer = setTimeout(finish, Math.min(Math.max(0, limitMs), 2_147_483_647));
      if (signal?.aborted === true) finish();
      else {
        this.#waiters ??= new Set();
        this.#waiters.add(finish);
        signal?.addEventListener("abort", finish, { once: true });
      }
    });
  }
}
