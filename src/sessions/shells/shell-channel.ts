import { HoldfastError, keyedHex, randomHex, timeIsUp, withDeadline } from "../../base/index.ts";
import type { ChannelEnd, SshChannel, SshConnection } from "../../ssh/index.ts";
import { bootCommand } from "../host-shell/host-scripts.ts";
import { SpoolStream, type StreamEnd } from "../host-shell/spool-stream.ts";
import type { OutputStream } from "../session-api.ts";
import {
  commandLines,
  connectionShellLines,
  plainLines,
  type CommandLine,
  type ShellDialect,
} from "./shell-scripts.ts";

/** How long a login may take to become a shell: slow rc files run first. */
const startTimeoutMs = 20_000;

/** How long a text of ours may take in a shell that is idle. */
const askTimeoutMs = 10_000;

/** Of what a text of ours prints, at most the end: a login may print before it, a background job meanwhile. */
const answerBytes = 65_536;

/** Hex digits of a marker's token: 96 bits. */
const tokenDigits = 24;

/** Whoever gets the output of one text. */
export interface Exchange {
  onBytes(stream: OutputStream, bytes: Uint8Array): void;
  onEnd(stream: OutputStream, end: StreamEnd): void;
}

interface Answer {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly directory: string | undefined;
}

/**
 * One shell on one channel. Each text that it runs ends with a marker on both streams, written by the shell, with a token of that text
 * alone: what comes between two markers are exactly the bytes of one text. One text at a time.
 */
export class ShellChannel {
  readonly connection: SshConnection;
  readonly #key = randomHex(16);
  readonly #streams: { readonly stdout: SpoolStream; readonly stderr: SpoolStream };
  readonly #exchanges = new Map<number, Exchange>();
  readonly #refusals = new Set<(error: HoldfastError) => void>();
  #channel: SshChannel | undefined;
  #end: ChannelEnd | undefined;
  #sequence = 0;
  #dialect: ShellDialect = "plain";
  #onGone: ((end: ChannelEnd) => void) | undefined;

  private constructor(connection: SshConnection) {
    this.connection = connection;
    this.#streams = { stdout: this.#stream("stdout"), stderr: this.#stream("stderr") };
  }

  /** Starts a shell. Rejects with `unsupported` when the login gives none, `connection_lost` or `timed_out`. */
  static async open(connection: SshConnection): Promise<ShellChannel> {
    const shell = new ShellChannel(connection);
    shell.#channel = await connection.exec(bootCommand, {
      onStdout: (bytes) => {
        shell.#streams.stdout.feed(bytes);
      },
      onStderr: (bytes) => {
        shell.#streams.stderr.feed(bytes);
      },
      onEnd: (end) => {
        shell.#ended(end);
      },
    });
    shell.#channel.write(connectionShellLines);
    try {
      await shell.ask(":", startTimeoutMs);
      return shell;
    } catch (error) {
      shell.close();
      throw error;
    }
  }

  get gone(): boolean {
    return this.#end !== undefined;
  }

  /** Called once with the end of the shell; at once if it has ended. */
  set onGone(listener: (end: ChannelEnd) => void) {
    this.#onGone = listener;
    if (this.#end !== undefined) listener(this.#end);
  }

  /** Runs a text of ours in the shell itself, which must be idle. Rejects with `unsupported`, `connection_lost` or `timed_out`. */
  async ask(text: string, limitMs: number = askTimeoutMs): Promise<Answer> {
    const said = { stdout: "", stderr: "" };
    const work = new Promise<Answer>((resolve, reject) => {
      const missing = new Set<OutputStream>(["stdout", "stderr"]);
      let last: StreamEnd | undefined;
      this.#refusals.add(reject);
      const token = this.#begin({
        onBytes: (stream, bytes) => {
          said[stream] = (said[stream] + Buffer.from(bytes).toString()).slice(-answerBytes);
        },
        onEnd: (stream, end) => {
          missing.delete(stream);
          if (stream === "stdout") last = end;
          if (missing.size > 0) return;
          this.#refusals.delete(reject);
          resolve({ status: last?.status ?? 1, directory: last?.directory, ...said });
        },
      });
      if (this.#end === undefined) this.#channel?.write(plainLines(this.#dialect, text, token));
      else this.#refuse(this.#end);
    });
    const answer = await withDeadline(work, limitMs);
    if (answer !== timeIsUp) return answer;
    throw new HoldfastError("timed_out", `the shell did not answer within ${limitMs / 1000} s`, {
      hint: "Check the login shell's rc files on the host",
    });
  }

  /** From now on lines are sent as this shell takes them best. */
  async speak(dialect: ShellDialect): Promise<void> {
    this.#dialect = dialect;
    if (dialect === "loop") await this.ask("");
  }

  /** Runs a command with a path on the host as its input. */
  run(command: CommandLine, exchange: Exchange): void {
    this.#channel?.write(commandLines(this.#dialect, command, this.#begin(exchange)));
  }

  close(): void {
    this.#channel?.eof();
    this.#channel?.close();
  }

  /** The next text's token; `exchange` gets what it prints. */
  #begin(exchange: Exchange): string {
    this.#exchanges.set(this.#sequence, exchange);
    this.#sequence += 1;
    return this.#token(this.#sequence - 1);
  }

  #token(number: number): string {
    return keyedHex(this.#key, `text ${number}`, tokenDigits);
  }

  #stream(stream: OutputStream): SpoolStream {
    return new SpoolStream({ number: 0, offset: 0 }, (number) => this.#token(number), {
      onBytes: (number, bytes) => {
        // What comes while nothing runs is from a background process of the text before.
        (this.#exchanges.get(number) ?? this.#exchanges.get(number - 1))?.onBytes(stream, bytes);
      },
      onEnd: (end) => {
        this.#exchanges.delete(end.number - 2);
        this.#exchanges.get(end.number)?.onEnd(stream, end);
      },
      onForeignMarker: () => undefined,
    });
  }

  #ended(end: ChannelEnd): void {
    this.#end = end;
    this.#streams.stdout.finish();
    this.#streams.stderr.finish();
    this.#refuse(end);
    this.#onGone?.(end);
  }

  #refuse(end: ChannelEnd): void {
    const error =
      end.kind === "lost"
        ? new HoldfastError("connection_lost", "the connection was lost while a shell was started", {
            hint: "Call again",
          })
        : new HoldfastError("unsupported", "the login's shell ends at once", {
            hint: "Check the user's login shell on the host",
          });
    for (const refuse of this.#refusals) refuse(error);
    this.#refusals.clear();
  }
}
