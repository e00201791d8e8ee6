import type { HostSession } from "./host-session.ts";

/**
 * The sessions that this process has at hand, by name: one object for each, so that what is known of its commands is known to everyone who
 * asks. One that is being made belongs to its maker: its record, and what its host has of it, are nothing to take up before that is over.
 */
export class SessionsHere {
  readonly #byName = new Map<string, HostSession>();
  readonly #making = new Set<string>();
  #removed = 0;

  get(name: string): HostSession | undefined {
    return this.#byName.get(name);
  }

  all(): readonly HostSession[] {
    return [...this.#byName.values()];
  }

  /** The session of that name, taken up with `open` where there is none; undefined while it is being made. */
  adopt(name: string, open: () => HostSession): HostSession | undefined {
    const here = this.#byName.get(name);
    if (here !== undefined || this.#making.has(name)) return here;
    return this.add(name, open());
  }

  /** Enters a session that was just made. */
  add(name: string, session: HostSession): HostSession {
    this.#byName.set(name, session);
    return session;
  }

  /** Nobody takes up a session of that name while `make` does its work. Settles as that does. */
  async making<T>(name: string, make: () => Promise<T>): Promise<T> {
    this.#making.add(name);
    try {
      return await make();
    } finally {
      this.#making.delete(name);
    }
  }

  remove(name: string): HostSession | undefined {
    const gone = this.#byName.get(name);
    this.#byName.delete(name);
    this.#removed += 1;
    return gone;
  }

  /** What `read` finds in the records, read again where a session was removed meanwhile: it would come back from what they said before. */
  async read<T>(read: () => Promise<T>): Promise<T> {
    for (;;) {
      const before = this.#removed;
      const found = await read();
      if (before === this.#removed) return found;
    }
  }
}
