import { HoldfastError, Mutex, Pulse, after, monotonicMs } from "../../base/index.ts";

/** Under which name it is settled who types into a command. */
export function floorOf({ id, floor }: { readonly id: string; readonly floor?: string | undefined }): string {
  return floor ?? id;
}

/** A person who may type: two of them are told apart by these. */
export type Typist = symbol;

interface Floor {
  readonly lock: Mutex;
  readonly changed: Pulse;
  /** People who watch, and typing that is under way: nobody needs it when there are none. */
  users: number;
  holder: { readonly typist: Typist; readonly sinceMs: number } | undefined;
  /** Ends the wait for the holder to give it back. */
  cancel: () => void;
}

/**
 * Who types into which command: an agent, or one person, who has taken the floor from it by typing and keeps it until it is given back.
 * What one of them types at once is never mixed with what another does.
 */
export class FloorBook {
  readonly #floors = new Map<string, Floor>();

  /** Types for an agent: `type` runs when nobody else types. Rejects with `taken_over` while a person has the floor, and as `type` does. */
  async typeForAgent(id: string, type: () => Promise<void>): Promise<void> {
    this.refuseTaken(id, "nothing was typed");
    await this.#using(id, (floor) =>
      floor.lock.run(async () => {
        // A person may have taken it while this waited.
        this.refuseTaken(id, "nothing was typed");
        await type();
      }),
    );
  }

  /** Types for a person, who has the floor from now on; false, without a word typed, while another person has it. Rejects as `type` does. */
  async typeForPerson(id: string, typist: Typist, type: () => Promise<void>): Promise<boolean> {
    if (!this.take(id, typist)) return false;
    await this.#using(id, (floor) => floor.lock.run(type));
    return true;
  }

  /** Gives a person the floor; from another person only with `away`. False when somebody else keeps it. */
  take(id: string, typist: Typist, away = false): boolean {
    const floor = this.#at(id);
    const { holder } = floor;
    if (holder?.typist === typist) return true;
    if (holder !== undefined && !away) return false;
    floor.holder = { typist, sinceMs: monotonicMs() };
    floor.cancel();
    floor.changed.fire();
    return true;
  }

  /** A person who has not typed for `idleMs` gives the floor back; counted from now. */
  giveBackAfter(id: string, typist: Typist, idleMs: number): void {
    const floor = this.#floors.get(id);
    if (floor?.holder?.typist !== typist) return;
    floor.cancel();
    floor.cancel = after(idleMs, () => this.giveBack(id, typist));
  }

  /** Ends a person's turn, if it is theirs. */
  giveBack(id: string, typist: Typist): void {
    const floor = this.#floors.get(id);
    if (floor?.holder?.typist !== typist) return;
    floor.cancel();
    floor.holder = undefined;
    floor.changed.fire();
    this.#forgetUnused(id, floor);
  }

  /** Whose turn it is, as `typist` sees it. */
  standing(id: string, typist: Typist): "free" | "yours" | "another" {
    const holder = this.#floors.get(id)?.holder;
    if (holder === undefined) return "free";
    return holder.typist === typist ? "yours" : "another";
  }

  /** Calls `onChange` at each change of the floor until `signal` aborts. */
  async watch(id: string, onChange: () => void, signal: AbortSignal): Promise<void> {
    await this.#using(id, async (floor) => {
      while (!signal.aborted) {
        await floor.changed.wait(Number.MAX_SAFE_INTEGER, signal);
        onChange();
      }
    });
  }

  /** Throws `taken_over` while a person has the floor; `what` was not done. */
  refuseTaken(id: string, what: string): void {
    const holder = this.#floors.get(id)?.holder;
    if (holder === undefined) return;
    const seconds = Math.round((monotonicMs() - holder.sinceMs) / 1_000);
    const look = id.includes("/") ? `See what they do with ssh_read {"command":"${id}"}; call` : "Call";
    throw new HoldfastError("taken_over", `a person types into ${id} since ${seconds} s; ${what}`, {
      hint: `${look} again when they have given it back`,
    });
  }

  #at(id: string): Floor {
    const floor = this.#floors.get(id) ?? {
      lock: new Mutex(),
      changed: new Pulse(),
      users: 0,
      holder: undefined,
      cancel: () => undefined,
    };
    this.#floors.set(id, floor);
    return floor;
  }

  async #using<T>(id: string, task: (floor: Floor) => Promise<T>): Promise<T> {
    const floor = this.#at(id);
    floor.users += 1;
    try {
      return await task(floor);
    } finally {
      floor.users -= 1;
      this.#forgetUnused(id, floor);
    }
  }

  #forgetUnused(id: string, floor: Floor): void {
    if (floor.users === 0 && floor.holder === undefined) this.#floors.delete(id);
  }
}
