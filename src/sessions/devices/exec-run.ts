import { withDeadline } from "../../base/index.ts";
import { isError, LineScreen, type Platform, type TypedLine } from "../../devices/index.ts";
import type { ChannelEnd, SshChannel, SshConnection } from "../../ssh/index.ts";
import type { HostCommand } from "../commands/host-command.ts";
import type { DeviceRun } from "./device-run.ts";

/** How long a device may take to close the channel of a command that is stopped. */
const stopMs = 2_000;

export interface ExecRunDeps {
  readonly connection: SshConnection;
  readonly platform: Platform;
  readonly lines: readonly TypedLine[];
  readonly command: HostCommand;
  output(text: string): void;
}

/** One command on a device that takes commands without a terminal: each line on a channel of its own, whose end is the line's. */
export class ExecRun implements DeviceRun {
  readonly command: HostCommand;
  readonly done: Promise<void>;
  readonly #deps: ExecRunDeps;
  #channel: SshChannel | undefined;
  #stopped = false;
  #error: string | undefined;
  #lost: string | undefined;

  constructor(deps: ExecRunDeps) {
    this.#deps = deps;
    this.command = deps.command;
    this.done = this.#runAll();
  }

  tell(): void {
    const { command } = this;
    command.streamEnds("stdout");
    command.streamEnds("stderr");
    if (this.#lost === undefined) command.life.doneOnDevice(this.#error);
    else command.lost(this.#lost);
  }

  type(text: string): void {
    this.#channel?.write(text);
  }

  async interrupt(): Promise<void> {
    this.#stopped = true;
    this.#channel?.close();
    await withDeadline(this.done, stopMs);
  }

  async #runAll(): Promise<void> {
    const { lines, command } = this.#deps;
    for (const [at, line] of lines.entries()) {
      await this.#runOne([line.text, ...line.rest].join("\n")).catch((error: unknown) => {
        this.#lost = `${error instanceof Error ? error.message : "it did not start"}; the outcome is unknown`;
      });
      const failed = this.#error !== undefined || this.#lost !== undefined || this.#stopped;
      if (!failed) continue;
      if (lines.length > 1 && this.#error !== undefined) {
        this.#error = `line ${at + 1} of ${lines.length}: ${this.#error}`;
      }
      if (at + 1 < lines.length) command.life.note(`${lines.length - at - 1} lines were not sent`);
      return;
    }
  }

  async #runOne(line: string): Promise<void> {
    const { connection, platform } = this.#deps;
    const screen = new LineScreen(platform.terminal.columns);
    const take = (bytes: Uint8Array): void => {
      for (const { text, continues } of screen.feed(bytes)) {
        if (isError(platform, text)) this.#error ??= text.trim();
        this.#deps.output(continues ? text : `${text}\n`);
      }
    };
    const end = await new Promise<ChannelEnd>((resolve, reject) => {
      connection.exec(line, { onStdout: take, onStderr: take, onEnd: resolve }, { once: true }).then((channel) => {
        this.#channel = channel;
        if (this.#stopped) channel.close();
      }, reject);
    });
    this.#channel = undefined;
    // The rest has no line feed: with one, it is a line as any other.
    if (screen.current.text !== "") take(Buffer.from("\n"));
    if (end.kind === "lost" && connection.closed) this.#lost = "the connection was lost; the outcome is unknown";
    else if (end.kind === "exit" && end.status !== 0) this.#error ??= `it ended with status ${end.status}`;
  }
}
