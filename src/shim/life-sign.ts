import { monotonicMs } from "../base/index.ts";

/** While somebody waits, a daemon that said nothing for so long is asked whether it lives: it answers within milliseconds. */
const quietMs = 5_000;

/** One that has not answered by then stands still, and another one takes over. A machine that is merely busy answers sooner. */
const deadMs = 15_000;

/** How long the other side has been silent, while somebody waits for it. */
export class LifeSign {
  #sinceMs = monotonicMs();
  #asked = false;

  /** Something came, or nobody waited until now. */
  heard(): void {
    this.#sinceMs = monotonicMs();
    this.#asked = false;
  }

  /** What is to be done now; `ask` is said once for each silence. */
  look(): "wait" | "ask" | "give up" {
    const silentMs = monotonicMs() - this.#sinceMs;
    if (silentMs >= deadMs && this.#asked) return "give up";
    if (silentMs < quietMs || this.#asked) return "wait";
    this.#asked = true;
    return "ask";
  }
}
