import { HoldfastError } from "../base/index.ts";
import type { CommandView } from "../sessions/index.ts";

/** How many idempotency keys are remembered; the oldest are forgotten first. */
const rememberedKeys = 2_000;

/** What a key stands for. */
export interface KeyPlace {
  readonly session: string;
  readonly key: string;
  /** Fingerprint of all that the command is. */
  readonly request: string;
}

interface Started {
  readonly command: CommandView;
  readonly attached: boolean;
}

interface Entry {
  readonly request: string;
  readonly started: Promise<Started>;
}

/** Remembers which command an idempotency key started, so that a call that is made twice runs once. Lives as long as the process; the host remembers longer. */
export class KeyBook {
  readonly #entries = new Map<string, Entry>();

  /** The command that the key started in the session, or the one that `start` starts or finds now. Rejects with `bad_input` when the key was used for another command. */
  async startOnce({ session, key, request }: KeyPlace, start: () => Promise<Started>): Promise<Started> {
    const place = `${session}\n${key}`;
    const known = this.#entries.get(place);
    if (known !== undefined) {
      if (known.request !== request) {
        throw new HoldfastError(
          "bad_input",
          `the key ${JSON.stringify(key)} was used for another command in ${session}`,
          {
            hint: "Use a new key for a new command",
          },
        );
      }
      return { ...(await known.started), attached: true };
    }
    const started = start();
    this.#entries.set(place, { request, started });
    this.#forgetOldest();
    try {
      return await started;
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
