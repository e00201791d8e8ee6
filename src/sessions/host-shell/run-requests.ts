import { after, delay, monotonicMs } from "../../base/index.ts";
import type { Answers } from "./answers.ts";
import type { GivenCommand } from "./give-number.ts";
import type { Hello } from "./attachment.ts";

/** The host answers within some ms; a question may be lost with its connection. */
const askAgainMs = 1000;

/** Between two attempts to ask while there is no connection. */
const noLinkMs = 100;

/**
 * The request lines that start commands. The host gives each number once, so after an interruption its next number tells which of them it
 * has: those are never sent again, the others are. Where another server has used a number meanwhile, its ticket tells.
 */
export class RunRequests {
  readonly #send: (lines: string) => boolean;
  readonly #takeOver: () => void;
  /** Lines of commands of which we have not heard that the host has them. */
  readonly #unheard = new Map<number, GivenCommand>();
  readonly #answers: Answers;
  /** Those that the host has to be sent again, oldest first: it takes numbers in their order only. */
  #due: readonly number[] = [];
  /** Those whose lines have not gone out with the attachment that there is, or was last. */
  readonly #unsent = new Set<number>();
  /** The command whose lines go out with an attachment, until the host has answered one. */
  #riding: number | undefined;

  /** `takeOver`: what is to be sent again cannot be, because another server writes now. */
  constructor(send: (lines: string) => boolean, answers: Answers, takeOver: () => void) {
    this.#send = send;
    this.#answers = answers;
    this.#takeOver = takeOver;
  }

  /** What was asked for and may run, as `<number>:<ticket>`: an attachment tells which of these numbers are another server's. */
  get given(): readonly string[] {
    const running = [...this.#unheard.values()].filter(({ command }) => command.life.running);
    return running.map(({ command, ticket }) => `${command.number}:${ticket}`);
  }

  /** The lines of this command are yet to go out with the attachment that there is. */
  unsent(number: number): boolean {
    return this.#unsent.has(number);
  }

  send(given: GivenCommand): void {
    this.#sendAgain();
    for (const [number, { command }] of this.#unheard) if (!command.life.running) this.#unheard.delete(number);
    this.#unheard.set(given.command.number, given);
    // All in one packet: the host is woken once.
    if (!this.#send(given.lines.join("\n"))) this.#unsent.add(given.command.number);
  }

  /** These go out with an attachment; where that fails, they are sent after a later one unless the host has them then. */
  ride(given: GivenCommand): void {
    this.#unheard.set(given.command.number, given);
    this.#riding = given.command.number;
  }

  /**
   * To be called when an attachment is about to be there: what the host has not is sent again as soon as it is, before anything new.
   * `carried`: what rode along came with this attachment, and the host reads it behind its hello.
   */
  attached(hello: Hello, carried: boolean): void {
    const riding = carried ? this.#riding : undefined;
    this.#riding = undefined;
    for (const number of this.#unheard.keys()) if (hello.next > number) this.#unheard.delete(number);
    this.#due = [...this.#unheard.keys()].filter((number) => number !== riding);
    this.#unsent.clear();
    for (const number of this.#due) this.#unsent.add(number);
    after(0, () => {
      this.#sendAgain();
    });
  }

  #sendAgain(): void {
    const due = this.#due;
    this.#due = [];
    const lines = due.flatMap((number) => this.#unheard.get(number)?.lines ?? []);
    if (lines.length > 0 && !this.#send(lines.join("\n"))) this.#takeOver();
    else for (const number of due) this.#unsent.delete(number);
  }

  /** Whether the host is known to have command `number`, or it has ended: asked for as long as `limitMs`, over as many connections as it takes. */
  async confirm(number: number, limitMs: number, signal: AbortSignal | undefined): Promise<boolean> {
    const until = monotonicMs() + limitMs;
    for (;;) {
      const given = this.#unheard.get(number);
      if (given?.command.life.running !== true) return true;
      const leftMs = until - monotonicMs();
      if (leftMs <= 0 || signal?.aborted === true) return false;
      // An answer speaks for all that was sent before it on its connection: this is, now.
      this.#sendAgain();
      const answer = await this.#answers.pong(this.#send, Math.min(askAgainMs, leftMs));
      if (answer === undefined) await delay(Math.min(noLinkMs, leftMs));
      else if (this.#unheard.get(number) === given) this.#unheard.delete(number);
    }
  }

  /** Resolves when the host has all that was sent, after `limitMs` at the latest: a channel that closes takes what is under way with it. */
  async flush(limitMs: number): Promise<void> {
    if ([...this.#unheard.values()].every(({ command }) => !command.life.running)) return;
    await this.#answers.pong(this.#send, limitMs);
  }
}
