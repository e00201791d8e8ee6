import { Pulse, monotonicMs, wallMs } from "../../base/index.ts";
import type { CommandState } from "../session-api.ts";

/** Signals that we send, by number, as POSIX shells report them (128 + n); those that differ between systems: Linux, BSD, System V. */
const signalNumbers: Readonly<Record<string, readonly number[]>> = {
  HUP: [1],
  INT: [2],
  QUIT: [3],
  KILL: [9],
  TERM: [15],
  USR1: [10, 30, 16],
  USR2: [12, 31, 17],
};

/** What ends all of a command line: the shell aborts it then, and calls that an interrupt. */
const lineEnders: ReadonlySet<string> = new Set(["TERM", "KILL", "HUP", "QUIT"]);

/** Statuses of a line that was aborted, or ended by TERM or KILL. */
const endedByForce: ReadonlySet<number> = new Set([130, 137, 143]);

/** The life of one command: `running`, then one end, written once. Everyone who waits is told of each change. */
export class CommandLife {
  readonly notes: string[] = [];
  readonly #pulse = new Pulse();
  #startedAtMs: number;
  #startedMs: number;
  #endedMs: number | undefined;
  #state: CommandState = { kind: "running" };
  #sent: string | undefined;
  #timedOut = false;
  #limitMs = Number.POSITIVE_INFINITY;
  #question: string | undefined;

  /** `startedAtMs`: wall-clock time when it began; in the past for a command that another process started. */
  constructor(startedAtMs: number = wallMs()) {
    this.#startedAtMs = startedAtMs;
    this.#startedMs = monotonicMs() - Math.max(0, wallMs() - startedAtMs);
  }

  get startedAtMs(): number {
    return this.#startedAtMs;
  }

  /** Corrects the beginning of a command that began before we knew of it. */
  beganAt(startedAtMs: number): void {
    this.#startedAtMs = startedAtMs;
    this.#startedMs = monotonicMs() - Math.max(0, wallMs() - startedAtMs);
  }

  get state(): CommandState {
    return this.#state;
  }

  get running(): boolean {
    return this.#state.kind === "running";
  }

  /** NaN where the end was not seen, and its host does not tell. */
  get durationMs(): number {
    return (this.#endedMs ?? monotonicMs()) - this.#startedMs;
  }

  /** A signal was sent on someone's wish: if the command ends of it, its state says so. */
  signalled(signal: string): void {
    this.#sent = signal;
  }

  /** A signal was sent that ends all of a command line. */
  get ending(): boolean {
    return this.#sent !== undefined && lineEnders.has(this.#sent);
  }

  /** Its time limit has passed: however it ends now, it timed out. */
  timeIsUp(): void {
    this.#timedOut = true;
  }

  /** Its host ends it after this time: ended by force later than that, it timed out. */
  limitedTo(limitMs: number): void {
    this.#limitMs = limitMs;
  }

  /** The shell has told the exit status. */
  exited(status: number): void {
    const overtime = this.durationMs >= this.#limitMs && endedByForce.has(status);
    if (this.#timedOut || overtime) this.#end({ kind: "timed_out" });
    else if (this.#sent !== undefined && isEndBy(this.#sent, status)) {
      this.#end({ kind: "signalled", signal: this.#sent });
    } else this.#end({ kind: "exited", status });
  }

  /** What it asks and waits for the answer to. */
  get question(): string | undefined {
    return this.running ? this.#question : undefined;
  }

  /** It asks something and waits for the answer; undefined: not any more. */
  asks(question: string | undefined): void {
    if (this.#question === question) return;
    this.#question = question;
    this.touched();
  }

  /** Its device is ready for the next one; `problem` is what it said of an error. */
  doneOnDevice(problem: string | undefined): void {
    if (this.#timedOut) this.#end({ kind: "timed_out" });
    else if (this.#sent !== undefined) this.#end({ kind: "signalled", signal: this.#sent });
    else if (problem === undefined) this.#end({ kind: "done" });
    else this.#end({ kind: "error", reason: problem });
  }

  /** It has ended unseen, and took so long; NaN where nobody knows. Nothing of one that runs. */
  lasted(durationMs: number): void {
    if (!this.running) this.#endedMs = this.#startedMs + durationMs;
  }

  /** Nobody can know any more how it ended. */
  lost(reason: string): void {
    this.#end({ kind: "lost", reason });
  }

  note(text: string): void {
    if (!this.notes.includes(text)) this.notes.push(text);
  }

  /** Output has come, or something else that a waiter may want to see. */
  touched(): void {
    this.#pulse.fire();
  }

  async changed(limitMs: number, signal?: AbortSignal): Promise<void> {
    if (this.running) await this.#pulse.wait(limitMs, signal);
  }

  /** Resolves when it has ended (`orAsks`: or has a question), `limitMs` has passed or `signal` aborts. Never rejects. */
  async ended(limitMs: number, signal?: AbortSignal, orAsks = false): Promise<void> {
    const deadline = monotonicMs() + limitMs;
    while (this.running && signal?.aborted !== true && !(orAsks && this.#question !== undefined)) {
      const left = deadline - monotonicMs();
      if (left <= 0) return;
      await this.#pulse.wait(left, signal);
    }
  }

  #end(state: CommandState): void {
    if (!this.running) return;
    this.#state = state;
    this.#endedMs = monotonicMs();
    this.#pulse.fire();
  }
}

function isEndBy(signal: string, status: number): boolean {
  if (status === 130 && lineEnders.has(signal)) return true;
  return signalNumbers[signal]?.includes(status - 128) === true;
}
