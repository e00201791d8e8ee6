import { wallMs } from "../../base/index.ts";
import type { CommandControls, CommandFacts } from "./command-controls.ts";
import { HostCommand } from "./host-command.ts";

/** Commands remembered for a session: the oldest are forgotten beyond it. */
const remembered = 10_000;

/** Commands that did not start and whose numbers others have: remembered so that nobody takes those for them. */
const refusedAtMost = 100;

/** Commands whose output is kept at hand (at most about 1 MiB each); for older ones it is fetched from the host. */
const withOutput = 32;

export interface CommandBookDeps {
  /** Name of the session, for ids. */
  readonly session: string;
  readonly controls: CommandControls;
  /** The epoch that a command of the session shell begins in now. */
  epoch(): number;
  /** Where the session shell is. */
  directory(): string | undefined;
}

/** The commands of one session that this process knows, by number. */
export class CommandBook {
  readonly #deps: CommandBookDeps;
  readonly #byNumber = new Map<number, HostCommand>();
  /** Commands that had ended before this process knew of the session: listed, and otherwise unknown until they are read again. */
  readonly #past = new Map<number, HostCommand>();
  /** Those that ran when it was last looked. */
  readonly #running = new Set<HostCommand>();
  readonly #refused = new Map<number, HostCommand>();
  /** Commands that have had their time, as their host says. */
  readonly #timedOut = new Set<number>();

  constructor(deps: CommandBookDeps) {
    this.#deps = deps;
  }

  get(number: number): HostCommand | undefined {
    return this.#byNumber.get(number);
  }

  /** The command of ours that was to have this number, which is another's now. */
  refused(number: number): HostCommand | undefined {
    return this.#refused.get(number);
  }

  /** The command with this number; one that is not known is entered as running, from now. */
  at(number: number, epoch: number | "own"): HostCommand {
    return this.#byNumber.get(number) ?? this.make({ number, epoch });
  }

  /** The host has ended this command at its time limit. */
  timeIsUp(number: number): void {
    this.#timedOut.add(number);
    if (this.#timedOut.size > withOutput * 8) this.#timedOut.delete([...this.#timedOut][0] ?? 0);
    this.#byNumber.get(number)?.life.timeIsUp();
  }

  /** Enters a new command; the oldest ended one gives way. */
  make(facts: Partial<CommandFacts> & { readonly number: number }): HostCommand {
    const command = this.unlisted(facts);
    this.enter(command);
    return command;
  }

  /** A command that is not entered, or not yet: for what is read again of the past. */
  unlisted(facts: Partial<CommandFacts> & { readonly number: number }): HostCommand {
    const { session, controls } = this.#deps;
    const defaults = { session, text: "", epoch: this.#deps.epoch(), startedAtMs: wallMs(), stdinGiven: false };
    const command = new HostCommand({ ...defaults, ...facts }, controls);
    command.directory = this.#deps.directory();
    if (this.#timedOut.has(command.number)) command.life.timeIsUp();
    return command;
  }

  enter(command: HostCommand): void {
    this.#byNumber.set(command.number, command);
    this.#remember(command);
    this.#running.add(command);
    this.#byNumber.get(command.number - withOutput)?.forgetOutput();
    if (this.#byNumber.size > remembered) this.#forgetOldest();
  }

  /** Notes a command of the past for the list; `end`: its status and how long it took (NaN: not known), if it is known how it ended. */
  past(
    facts: Omit<CommandFacts, "session" | "stdinGiven">,
    end: { status: number; lastedMs: number } | undefined,
  ): void {
    const command = this.unlisted({ ...facts, stdinGiven: true });
    if (end !== undefined) command.life.exited(end.status);
    command.life.lasted(end?.lastedMs ?? Number.NaN);
    this.#past.set(command.number, command);
  }

  /** What was known of a command of the past that has been read again. */
  #remember(command: HostCommand): void {
    const past = this.#past.get(command.number);
    if (past === undefined) return;
    this.#past.delete(command.number);
    command.learn(past.text, past.startedAtMs);
    command.life.lasted(past.life.running ? Number.NaN : past.durationMs);
  }

  /** The newest `limit` commands of the past of which it is not known here how they ended, newest first. */
  puzzling(limit: number): readonly number[] {
    const open = [...this.#past.values()].filter((command) => command.life.running);
    return open
      .map(({ number }) => number)
      .toSorted((a, b) => b - a)
      .slice(0, limit);
  }

  unsolved(number: number, why: string): void {
    this.#past.get(number)?.lost(why);
  }

  /** The command has not started, and its number is another's: it is lost, and nothing is known of the other. */
  refuse(number: number, why: string): void {
    const command = this.#byNumber.get(number);
    if (command === undefined) return;
    command.lost(why);
    this.#byNumber.delete(number);
    this.#refused.set(number, command);
    const [oldest] = this.#refused.keys();
    if (this.#refused.size > refusedAtMost && oldest !== undefined) this.#refused.delete(oldest);
  }

  running(): readonly HostCommand[] {
    for (const command of this.#running) if (!command.life.running) this.#running.delete(command);
    return [...this.#running];
  }

  /** Running commands of the session shell itself: at most one, but for those of which it is not known yet that they have ended. */
  inFront(): readonly HostCommand[] {
    return this.running().filter((command) => !command.beside);
  }

  /** Running commands beside the session shell. */
  beside(): readonly HostCommand[] {
    return this.running().filter((command) => command.beside);
  }

  /** The newest `limit` commands, newest first. */
  newest(limit: number): readonly HostCommand[] {
    const ended = [...this.#past.values()].filter((command) => !command.life.running);
    return [...ended, ...this.#byNumber.values()].toSorted((a, b) => b.number - a.number).slice(0, limit);
  }

  #forgetOldest(): void {
    for (const [number, old] of this.#byNumber) {
      if (old.life.running) continue;
      this.#byNumber.delete(number);
      return;
    }
  }
}
