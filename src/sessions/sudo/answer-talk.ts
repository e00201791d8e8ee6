import { randomHex } from "../../base/index.ts";
import type { SshChannel, SshConnection } from "../../ssh/index.ts";
import { ControlSplitter } from "../host-shell/control-lines.ts";
import { answerLine, bootCommand } from "../host-shell/host-scripts.ts";

/** Lines of one answer, at most: a host with more processes that read along is refused anyway. */
const mostLines = 2_000;

/** One channel with `answer.sh` at its other end, which answers one request after the other. What comes when it was given up counts for nothing. */
export class AnswerTalk {
  readonly #splitter: ControlSplitter;
  #channel: SshChannel | undefined;
  #ended = false;
  #lines: string[] = [];
  #done: (lines: readonly string[] | undefined) => void = () => undefined;

  private constructor(nonce: string) {
    this.#splitter = new ControlSplitter(nonce, {
      onData: () => undefined,
      onLine: (line) => this.#line(line),
    });
  }

  /** Opens it for the session in `directory`. Rejects as opening a channel does. */
  static async open(connection: SshConnection, directory: string): Promise<AnswerTalk> {
    const nonce = randomHex(12);
    const talk = new AnswerTalk(nonce);
    talk.#channel = await connection.exec(bootCommand, talk, { input: answerLine({ N: nonce, D: directory }) });
    return talk;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** The lines of the answer to one request, the one before being answered; undefined when the channel has ended. */
  ask(request: string): Promise<readonly string[] | undefined> {
    const channel = this.#channel;
    if (this.#ended || channel === undefined) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      this.#lines = [];
      this.#done = resolve;
      channel.write(request);
    });
  }

  /** Safe to call twice. */
  close(): void {
    this.onEnd();
    this.#channel?.eof();
    this.#channel?.close();
  }

  onStdout(bytes: Uint8Array): void {
    if (!this.#ended) this.#splitter.feed(bytes);
  }

  onStderr(): void {
    // Nothing that anybody reads.
  }

  onEnd(): void {
    this.#ended = true;
    this.#done(undefined);
  }

  #line(line: string): void {
    if (line === "end") this.#done(this.#lines);
    else if (this.#lines.length < mostLines) this.#lines.push(line);
  }
}
