import { HoldfastError, Mutex, after, randomHex, timeIsUp } from "../../base/index.ts";
import type { SshChannel, SshConnection } from "../../ssh/index.ts";
import { whileAlive } from "../connections/while-alive.ts";
import { ControlSplitter } from "../host-shell/control-lines.ts";
import { answerLine, bootCommand } from "../host-shell/host-scripts.ts";

/** How long one look may take on a loaded host. */
const lookTimeoutMs = 20_000;

/** A channel that nobody has used for this long is closed: servers allow only a few. */
const idleMs = 10_000;

/** Lines of one answer, at most: a host with more processes that read along is refused anyway. */
const mostLines = 2_000;

/** Looks at those who ask for secrets on a host, and hands answers over; one channel for all of a session, opened when it is needed. */
export class AnswerChannel {
  readonly #connect: () => Promise<SshConnection>;
  readonly #directory: () => string;
  readonly #lock = new Mutex();
  #channel: SshChannel | undefined;
  #lines: string[] = [];
  #done: ((lines: readonly string[] | undefined) => void) | undefined;
  #cancelIdle: () => void = () => undefined;

  constructor(connect: () => Promise<SshConnection>, directory: () => string) {
    this.#connect = connect;
    this.#directory = directory;
  }

  /** What the host knows of the process that asks. Rejects with `connection_lost` or `timed_out`, and as connecting does. */
  look(pid: number): Promise<readonly string[]> {
    return this.#lock.run(async () => this.#exchange(await this.#connect(), `look ${pid}\n`));
  }

  /** Whether it still asks, and for whom. Rejects as `look`. */
  still(pid: number): Promise<readonly string[]> {
    return this.#lock.run(async () => this.#exchange(await this.#connect(), `still ${pid}\n`));
  }

  /** What the host knows of the terminal of a command, if that hides what is typed. Rejects as `look`. */
  terminal(command: number): Promise<readonly string[]> {
    return this.#lock.run(async () => this.#exchange(await this.#connect(), `term ${command}\n`));
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
    return this.#lock.run(async () => this.#exchange(await this.#connect(), `key ${pid}\n`));
  }

  /** Tells it where its agent is, "-": nowhere; for process 0 that one has gone. Rejects as `look`. */
  async lend(pid: number, path: string): Promise<void> {
    await this.#lock.run(async () => this.#exchange(await this.#connect(), `lend ${pid} ${path}\n`));
  }

  close(): void {
    this.#cancelIdle();
    this.#channel?.eof();
    this.#channel?.close();
    this.#channel = undefined;
  }

  #answer(request: string, secretAfter: (lines: readonly string[]) => string | undefined): Promise<void> {
    return this.#lock.run(async () => {
      const connection = await this.#connect();
      const lines = await this.#exchange(connection, `${request}\n`);
      const secret = secretAfter(lines);
      if (!lines.includes("open")) return;
      const answer = secret === undefined ? "0\n" : `${Buffer.byteLength(secret) + 1}\n${secret}\n`;
      await this.#exchange(connection, answer);
    });
  }

  async #exchange(connection: SshConnection, request: string): Promise<readonly string[]> {
    this.#cancelIdle();
    const lines = await whileAlive(connection, this.#ask(connection, request), lookTimeoutMs);
    if (lines === timeIsUp) this.close();
    else {
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

  async #ask(connection: SshConnection, request: string): Promise<readonly string[] | undefined> {
    const channel = this.#channel ?? (await this.#open(connection));
    const answer = new Promise<readonly string[] | undefined>((resolve) => {
      this.#lines = [];
      this.#done = resolve;
    });
    channel.write(request);
    return answer;
  }

  async #open(connection: SshConnection): Promise<SshChannel> {
    const nonce = randomHex(12);
    const splitter = new ControlSplitter(nonce, {
      onData: () => undefined,
      onLine: (line) => {
        this.#line(line);
      },
    });
    const opened: SshChannel = await connection.exec(
      bootCommand,
      {
        onStdout: (bytes) => {
          splitter.feed(bytes);
        },
        onStderr: () => undefined,
        onEnd: () => {
          if (this.#channel === opened) this.#channel = undefined;
          this.#done?.(undefined);
        },
      },
      { input: answerLine({ N: nonce, D: this.#directory() }) },
    );
    this.#channel = opened;
    return opened;
  }

  #line(line: string): void {
    if (line === "end") this.#done?.(this.#lines);
    else if (this.#lines.length < mostLines) this.#lines.push(line);
  }
}
