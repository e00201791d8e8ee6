import { every } from "../base/index.ts";

/** After this many periods without a byte from the server the connection is dead. */
const silentPeriods = 3;

interface KeepaliveParts {
  readonly periodMs: number;
  /** Asks the server for a sign of life. Whatever comes back counts. */
  ask(): void;
  dead(): void;
}

/**
 * Watches over a connection: any inbound byte is life; after a silent period it asks, after three it gives up.
 * It counts its own ticks and not the clock: a process that was frozen must first read what came meanwhile.
 */
export class Keepalive {
  #heard = true;
  #silent = 0;
  readonly #stop: () => void;

  constructor(parts: KeepaliveParts) {
    this.#stop = every(parts.periodMs, () => {
      this.#silent = this.#heard ? 0 : this.#silent + 1;
      this.#heard = false;
      if (this.#silent >= silentPeriods) {
        this.#stop();
        parts.dead();
      } else if (this.#silent > 0) parts.ask();
    });
  }

  heard(): void {
    this.#heard = true;
  }

  stop(): void {
    this.#stop();
  }
}
