import { HoldfastError } from "../base/index.ts";
import type { CommandView } from "../sessions/index.ts";

/** How many idempotency keys are remembered; the oldest are forgotten first. */
const rememberedKeys = 2_000;

interface Entry {
  readonly text: string;
  readonly started: Promise<CommandView>;
}

/** Remembers which command an idempotency key started, so that a call that is made twice runs once. Lives as long as the process. */
export class KeyBook {
  readonly #entries = new Map<string, Entry>();

  /** The command that `key` started in `session`, or the one that `start` starts now. Rejects with `bad_input` when the key was used for another command. */
  async startOnce(
    session: string,
    key: string,
    text: string,
    start: () => Promise<CommandView>,
  ): Promise<{ command: CommandView; attached: boolean }> {
    const place = `${session}\n${key}`;
    const known = this.#entries.get(place);
    if (known !== undefined) {
      if (known.text !== text) {
        throw new HoldfastError(
          "bad_input",
          `the key ${JSON.stringify(key)} was used for another command in ${session}`,
          {
            hint: "Use a new key for a new command",
          },
        );
      }
      return { command: await known.started, attached: true };
    }
    const started = start();
    this.#entries.set(place, { text, started });
    this.#forgetOldest();
    try {
      return { command: await started, attached: false };
    } catch (thrown) {
      this.#entries.delete(place);
      throw thrown;
    }
  }

  #forgetOldest(): void {
    for (const place of this.#entries.keys()) {
      if (this.#entries.size <= rememberedKeys) return;
      this.#entries.delete(place);
    }
  }
}
