import type { HostCommand } from "./host-command.ts";

/** Commands remembered for a session: the oldest are forgotten beyond it. */
const remembered = 10_000;

/** Commands whose output is kept at hand (at most about 1 MiB each); for older ones it is fetched from the host. */
const withOutput = 32;

/** The commands of one session that this process knows, by number. */
export class CommandBook {
  readonly #byNumber = new Map<number, HostCommand>();

  get(number: number): HostCommand | undefined {
    return this.#byNumber.get(number);
  }

  /** Enters a command; the oldest ended ones give way. */
  add(command: HostCommand): void {
    this.#byNumber.set(command.number, command);
    this.#byNumber.get(command.number - withOutput)?.forgetOutput();
    if (this.#byNumber.size <= remembered) return;
    for (const [number, old] of this.#byNumber) {
      if (old.life.running) continue;
      this.#byNumber.delete(number);
      return;
    }
  }

  remove(number: number): void {
    this.#byNumber.delete(number);
  }

  running(): readonly HostCommand[] {
    return [...this.#byNumber.values()].filter((command) => command.life.running);
  }

  /** The newest `limit` commands, newest first. */
  newest(limit: number): readonly HostCommand[] {
    return [...this.#byNumber.values()].toSorted((a, b) => b.number - a.number).slice(0, limit);
  }
}
