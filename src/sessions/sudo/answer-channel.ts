import { HoldfastError, Mutex, after, timeIsUp } from "../../base/index.ts";
import type { SshConnection } from "../../ssh/index.ts";
import { whileAlive } from "../connections/while-alive.ts";
import { AnswerTalk } from "./answer-talk.ts";

/** How long one look may take on a loaded host. */
const lookTimeoutMs = 20_000;

/** A channel that nobody has used for this long is closed: servers allow only a few. */
const idleMs = 10_000;

/** Looks at those who ask for secrets on a host, and hands answers over; one channel for all of a session, opened when it is needed. */
export class AnswerChannel {
  readonly #connect: () => Promise<SshConnection>;
  readonly #directory: () => string;
  readonly #lock = new Mutex();
  #talk: AnswerTalk | undefined;
  #cancelIdle: () => void = () => undefined;

  constructor(connect: () => Promise<SshConnection>, directory: () => string) {
    this.#connect = connect;
    this.#directory = directory;
  }

  /** What the host knows of the process that asks. Rejects with `connection_lost` or `timed_out`, and as connecting does. */
  look(pid: number): Promise<readonly string[]> {
    return this.#request(`look ${pid}\n`);
  }

  /** Whether it still asks, and for whom. Rejects as `look`. */
  still(pid: number): Promise<readonly string[]> {
    return this.#request(`still ${pid}\n`);
  }

  /** What the host knows of the terminal of a command, if that hides what is typed. Rejects as `look`. */
  terminal(command: number): Promise<readonly string[]> {
    return this.#request(`term ${command}\n`);
  }

  /**
   * Answers it: with what `secretAfter` says of a last look, or with an end of file. The secret goes through the channel's stdin only.
   * Rejects as `look`.
   */
  give(pid: number, stdout: string, secretAfter: (lines: readonly string[]) => string | undefined): Promise<void> {
    return this.#answer(`give ${pid} ${stdout}`, secretAfter);
  }

  /** Types a line on the terminal of a command: what `secretAfter` says of a last look, if anything. Rejects as `look`. */
  type(command: number, secretAfter: (lines: readonly string[]) => string | undefined): Promise<void> {
    return this.#answer(`type ${command}`, secretAfter);
  }

  /** What the host knows of a sudo that may be let in by a key. Rejects as `look`. */
  key(pid: number): Promise<readonly string[]> {
    return this.#request(`key ${pid}\n`);
  }

  /** Tells it where its agent is, "-": nowhere; for process 0 that one has gone. Rejects as `look`. */
  async lend(pid: number, path: string): Promise<void> {
    await this.#request(`lend ${pid} ${path}\n`);
  }

  close(): void {
    this.#cancelIdle();
    this.#talk?.close();
    this.#talk = undefined;
  }

  #request(request: string): Promise<readonly string[]> {
    return this.#lock.run(async () => {
      const connection = await this.#connect();
      return this.#exchange(connection, this.#talkOver(connection), request);
    });
  }

  #answer(request: string, secretAfter: (lines: readonly string[]) => string | undefined): Promise<void> {
    return this.#lock.run(async () => {
      const connection = await this.#connect();
      const talking = this.#talkOver(connection);
      const lines = await this.#exchange(connection, talking, `${request}\n`);
      const secret = secretAfter(lines);
      if (!lines.includes("open")) return;
      const answer = secret === undefined ? "0\n" : `${Buffer.byteLength(secret) + 1}\n${secret}\n`;
      // On that channel alone: to any other it would be a request.
      await this.#exchange(connection, talking, answer);
    });
  }

  async #exchange(
    connection: SshConnection,
    talking: Promise<AnswerTalk>,
    request: string,
  ): Promise<readonly string[]> {
    this.#cancelIdle();
    const asking = talking.then((talk) => talk.ask(request));
    const lines = await whileAlive(connection, asking, lookTimeoutMs);
    if (lines === timeIsUp) {
      this.close();
      // One that opens at last is wanted by nobody.
      talking.then(
        (talk) => talk.close(),
        () => undefined,
      );
    } else {
      this.#cancelIdle = after(idleMs, () => {
        this.close();
      });
    }
    if (lines === timeIsUp || lines === undefined) {
      throw new HoldfastError(
        lines === timeIsUp ? "timed_out" : "connection_lost",
        "the host did not say who asks for a password",
        { hint: "Call again" },
      );
    }
    return lines;
  }

  async #talkOver(connection: SshConnection): Promise<AnswerTalk> {
    if (this.#talk?.ended === false) return this.#talk;
    const talk = await AnswerTalk.open(connection, this.#directory());
    this.#talk = talk;
    return talk;
  }
}
