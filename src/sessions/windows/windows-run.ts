import { after, withDeadline } from "../../base/index.ts";
import type { ChannelEnd, SshChannel, SshConnection } from "../../ssh/index.ts";
import type { HostCommand } from "../commands/host-command.ts";
import type { RunRequest, StopSignal } from "../session-api.ts";
import type { LocalCommands } from "../shells/local-commands.ts";
import { statusOf } from "../shells/one-exec.ts";
import { refuseSignal, statusAfter } from "./stop-signals.ts";
import { ToldBehind, type Told } from "./told-behind.ts";
import type { WindowsText } from "./windows-line.ts";

/** How long input may wait for the program to read what came before it; the rest follows when it does. */
const inputTimeoutMs = 10_000;

/** A process that was told to end and is still there after this time is ended by the server, where that can. */
const serverKillsMs = 4_000;

/** One that is there after this time is out of our reach. */
const beyondReachMs = 8_000;

/** The kind of terminal that is asked for. */
const terminalType = "xterm-256color";

export interface WindowsRunParts {
  readonly commands: LocalCommands;
  readonly request: RunRequest;
  /** What is run. */
  readonly text: WindowsText;
  /** Ends the processes of the command; `pid` is the wrapper's, where it told. */
  endTree(pid: number | undefined): Promise<void>;
}

/** One command on a Windows host, on a channel of its own. */
export class WindowsRun {
  readonly command: HostCommand;
  readonly text: WindowsText;
  readonly #parts: WindowsRunParts;
  readonly #told: ToldBehind;
  #channel: SshChannel | undefined;
  #stopped: StopSignal | undefined;
  #unreachable = false;

  constructor(parts: WindowsRunParts) {
    this.#parts = parts;
    const { commands, request, text } = parts;
    this.text = text;
    this.command = commands.begin(
      { text: request.command, stdinGiven: request.stdin !== undefined, terminal: request.terminal },
      {
        input: async (_, typed) => {
          this.#channel?.write(typed);
          await withDeadline(this.#channel?.drained() ?? Promise.resolve(), inputTimeoutMs);
        },
        eof: async (command) => {
          command.stdinClosed = true;
          this.#channel?.eof();
          return Promise.resolve();
        },
        resize: ({ columns, rows }) => {
          this.#channel?.resize(columns, rows);
        },
        stop: (_, signal) => this.#stop(signal),
      },
    );
    this.#told = new ToldBehind(text.mark.join(""), (bytes) => {
      commands.output(this.command, "stdout", bytes);
    });
  }

  /** Starts `line` over `connection`. `onEnd` is called once, before the command has its state. Rejects as `SshConnection.exec` does. */
  async start(
    connection: SshConnection,
    line: string,
    request: { readonly stdin: string | undefined; onEnd(told: Told): void },
  ): Promise<void> {
    const { command } = this;
    const { terminal } = command;
    try {
      const channel = await connection.exec(
        line,
        {
          onStdout: (bytes) => {
            this.#told.feed(bytes);
          },
          onStderr: (bytes) => {
            this.#parts.commands.output(command, "stderr", bytes);
          },
          onEnd: (end) => {
            const told = this.#told.end();
            request.onEnd(told);
            this.#ended(end, told, connection);
          },
        },
        terminal === undefined ? {} : { pty: { term: terminalType, ...terminal } },
      );
      this.#channel = channel;
      if (request.stdin === undefined) return;
      channel.write(request.stdin);
      channel.eof();
    } catch (error) {
      command.lost("it did not start");
      throw error;
    }
  }

  /** Closes the channel; whatever still runs is out of sight then. */
  close(): void {
    this.#channel?.close();
  }

  async #stop(signal: StopSignal): Promise<void> {
    const { command } = this;
    if (signal === "INT" && command.terminal !== undefined) {
      command.life.signalled(signal);
      this.#channel?.write("\u0003");
      return;
    }
    refuseSignal(command.id, signal);
    command.life.signalled(signal);
    if (this.#stopped !== undefined) return;
    this.#stopped = signal;
    after(serverKillsMs, () => {
      if (command.life.running) this.#channel?.signal("KILL");
    });
    after(beyondReachMs, () => {
      if (!command.life.running) return;
      this.#unreachable = true;
      this.#channel?.close();
    });
    await this.#parts.endTree(this.#told.pid);
  }

  #ended(end: ChannelEnd, told: Told, connection: SshConnection): void {
    const { command } = this;
    const status = told.status ?? statusOf(end);
    if (status === undefined) {
      const why = connection.closed ? "the connection was lost" : "the server closed the channel";
      command.lost(this.#unreachable ? outOfReach : `${why}; Windows ends nothing for that: it may still run`);
      return;
    }
    // As Windows writes what ends a program by force, for example C0000005 for an access violation.
    if ((status | 0) < 0) command.life.note(`status 0x${(status >>> 0).toString(16).toUpperCase()}`);
    command.streamEnds("stdout");
    command.streamEnds("stderr");
    command.statusIs(statusAfter(this.#stopped, told.status, status));
  }
}

const outOfReach = "its processes could not be ended; they may still run on the host, and the outcome is unknown";
