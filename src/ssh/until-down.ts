/** Requests that are under way on one connection: none outlives it, whatever becomes of their answers. */
export class UntilDown {
  readonly #waiting = new Set<() => void>();

  /** What `work` gives; rejects with what `lost` says when the connection is down, or goes down meanwhile. */
  async settle<T>(work: Promise<T>, lost: () => Error | undefined): Promise<T> {
    return new Promise((resolve, reject) => {
      const down = (): void => {
        reject(lost() ?? new Error("the connection is down"));
      };
      this.#waiting.add(down);
      const settled = (): void => {
        this.#waiting.delete(down);
      };
      work.then(resolve, reject).then(settled, settled);
      if (lost() !== undefined) down();
    });
  }

  /** The connection is down. */
  down(): void {
    for (const tell of this.#waiting) tell();
    this.#waiting.clear();
  }
}
