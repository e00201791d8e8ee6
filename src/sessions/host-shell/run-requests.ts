import { after, randomHex } from "../../base/index.ts";
import type { CommandBook } from "../commands/command-book.ts";
import type { Answers } from "./answers.ts";
import type { Hello } from "./attachment.ts";

/**
 * The request lines that start commands. The host gives each number once, so after an interruption its next number tells which of them it
 * has: those are never sent again, the others are.
 */
export class RunRequests {
  readonly #send: (line: string) => boolean;
  readonly #commands: CommandBook;
  /** Lines of commands of which we have not heard that the host has them. */
  readonly #unheard = new Map<number, readonly string[]>();
  readonly #answers: Answers;
  /** Those that the host has to be sent again, oldest first: it takes numbers in their order only. */
  #due: readonly number[] = [];
  /** The command whose lines go out with an attachment, until the host has answered one. */
  #riding: number | undefined;

  constructor(send: (line: string) => boolean, commands: CommandBook, answers: Answers) {
    this.#send = send;
    this.#commands = commands;
    this.#answers = answers;
  }

  send(number: number, lines: readonly string[]): void {
    this.#sendAgain();
    for (const old of this.#unheard.keys()) {
      if (this.#commands.get(old)?.life.running !== true) this.#unheard.delete(old);
    }
    this.#unheard.set(number, lines);
    for (const line of lines) this.#send(line);
  }

  /** These go out with an attachment; where that fails, they are sent after a later one unless the host has them then. */
  ride(number: number, lines: readonly string[]): void {
    this.#unheard.set(number, lines);
    this.#riding = number;
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
    after(0, () => {
      this.#sendAgain();
    });
  }

  #sendAgain(): void {
    const due = this.#due;
    this.#due = [];
    for (const number of due) for (const line of this.#unheard.get(number) ?? []) this.#send(line);
  }

  /** Resolves when the host has all that was sent, after `limitMs` at the latest: a channel that closes takes what is under way with it. */
  async flush(limitMs: number): Promise<void> {
    if ([...this.#unheard.keys()].every((number) => this.#commands.get(number)?.life.running !== true)) return;
    const question = `pong ${randomHex(4)}`;
    await this.#answers.ask(question, () => this.#send(question.replace("pong", "e")), limitMs);
  }
}
