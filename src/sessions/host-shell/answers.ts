import { randomHex, timeIsUp, withDeadline } from "../../base/index.ts";

/** Answers of the host to questions that were sent as request lines, by what was asked. */
export class Answers {
  readonly #waiting = new Map<string, Set<(answer: string) => void>>();

  /** The answer to `question`, asked by `send`; undefined when it could not be sent or nothing came within `limitMs`. */
  async ask(question: string, send: () => boolean, limitMs: number): Promise<string | undefined> {
    const waiting = this.#waiting.get(question) ?? new Set();
    this.#waiting.set(question, waiting);
    let resolve: (answer: string) => void = () => undefined;
    const answer = new Promise<string>((done) => {
      resolve = done;
    });
    waiting.add(resolve);
    try {
      if (!send()) return undefined;
      const outcome = await withDeadline(answer, limitMs);
      return outcome === timeIsUp ? undefined : outcome;
    } finally {
      waiting.delete(resolve);
      if (waiting.size === 0) this.#waiting.delete(question);
    }
  }

  /** The host's sign that it has done all that was asked before; undefined as for `ask`. */
  pong(send: (line: string) => boolean, limitMs: number): Promise<string | undefined> {
    const word = randomHex(4);
    return this.ask(`pong ${word}`, () => send(`e ${word}`), limitMs);
  }

  tell(question: string, answer: string): void {
    for (const resolve of this.#waiting.get(question) ?? []) resolve(answer);
  }
}
