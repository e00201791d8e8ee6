import { after } from "../base/index.ts";

/** The time limit of a handshake: it stands still while somebody else (a person, an agent) is at it, and begins anew afterwards. */
export class LoginLimit {
  readonly #limitMs: number;
  readonly #expired: () => void;
  #cancel: () => void;
  #held = 0;
  #over = false;

  constructor(firstMs: number, limitMs: number, expired: () => void) {
    this.#limitMs = limitMs;
    this.#expired = expired;
    this.#cancel = after(firstMs, expired);
  }

  /** Stops the clock until the returned function is called. */
  hold(): () => void {
    this.#held += 1;
    this.#cancel();
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      this.#held -= 1;
      if (this.#held === 0 && !this.#over) this.#cancel = after(this.#limitMs, this.#expired);
    };
  }

  /** Ends it for good. */
  stop(): void {
    this.#over = true;
    this.#cancel();
  }
}
