/** Things to undo, last one first. One that fails does not keep the others from running. */
export class Cleanup {
  readonly #steps: (() => Promise<unknown> | void)[] = [];

  add(step: () => Promise<unknown> | void): void {
    this.#steps.push(step);
  }

  /** Undoes everything once; throws the first failure when all are done. */
  async run(): Promise<void> {
    const failures: unknown[] = [];
    for (let step = this.#steps.pop(); step !== undefined; step = this.#steps.pop()) {
      try {
        await step();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw new Error("cleaning up failed", { cause: failures[0] });
  }
}
