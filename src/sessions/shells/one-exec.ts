import { constants } from "node:os";
import { HoldfastError, after, asHoldfastError, withDeadline } from "../../base/index.ts";
import type { ChannelEnd, ChannelListener, SshChannel, SshConnection } from "../../ssh/index.ts";
import type { HostCommand } from "../commands/host-command.ts";
import { signalYoung } from "../commands/signal-young.ts";
import type { OutputStream, StopSignal } from "../session-api.ts";
import type { LocalCommands, LocalFacts } from "./local-commands.ts";

/** After KILL a process that the server lets us signal is gone at once; one that is still there is out of our reach. */
const beyondReachMs = 4000;

/** How long input may wait for the program to read what came before it; the rest follows when it does. */
const inputTimeoutMs = 10_000;

/** Signals that end what does not handle them. */
const endingSignals: readonly StopSignal[] = ["INT", "TERM", "KILL", "HUP", "QUIT"];

/** The kind of terminal that is asked for: what every host with terminals knows, but the smallest. */
const terminalType = "xterm-256color";

/** Signals that SSH carries (RFC 4254 §6.10), of those that can be asked for. */
const carried: readonly StopSignal[] = ["INT", "TERM", "KILL", "HUP", "QUIT", "USR1", "USR2"];

/** One command that runs on a channel of its own: SSH itself carries its input, its signals and its end. */
export class OneExec {
  readonly command: HostCommand;
  readonly #commands: LocalCommands;
  readonly #onOutput: ((stream: OutputStream, bytes: Uint8Array) => void) | undefined;
  #channel: SshChannel | undefined;
  #unreachable = false;

  /** `onOutput` takes the output instead of the command. */
  constructor(
    commands: LocalCommands,
    facts: LocalFacts,
    onOutput?: (stream: OutputStream, bytes: Uint8Array) => void,
  ) {
    this.#commands = commands;
    this.#onOutput = onOutput;
    this.command = commands.begin(facts, {
      input: async (_, text) => {
        this.#channel?.write(text);
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
      stop: async (command, signal) => {
        this.#stop(command, signal);
        return Promise.resolve();
      },
    });
  }

  /** Starts `line` over `connection`. `onEnd` is called once, when the command has ended. Rejects as `SshConnection.exec` does. */
  async start(
    connection: SshConnection,
    line: string,
    request: { readonly stdin?: string | undefined; readonly onEnd?: (status: number | undefined) => void },
  ): Promise<void> {
    const { command } = this;
    const take = (stream: OutputStream, bytes: Uint8Array): void => {
      if (this.#onOutput === undefined) this.#commands.output(command, stream, bytes);
      else this.#onOutput(stream, bytes);
    };
    try {
      const listener: ChannelListener = {
        onStdout: (bytes) => {
          take("stdout", bytes);
        },
        onStderr: (bytes) => {
          take("stderr", bytes);
        },
        onEnd: (end) => {
          const status = statusOf(end);
          request.onEnd?.(status);
          this.#ended(end, status, connection);
        },
      };
      const { terminal } = command;
      const channel = await connection.exec(
        line,
        listener,
        terminal === undefined ? { once: true } : { once: true, pty: { term: terminalType, ...terminal } },
      );
      this.#channel = channel;
      if (request.stdin === undefined) return;
      channel.write(request.stdin);
      channel.eof();
    } catch (error) {
      const unsure = asHoldfastError(error).code === "connection_lost";
      command.lost(unsure ? "whether it ran is not known" : "it did not start");
      throw error;
    }
  }

  /** Closes the channel; whatever still runs is out of sight then. */
  close(): void {
    this.#channel?.close();
  }

  #stop(command: HostCommand, signal: StopSignal): void {
    if (signal === "INT" && command.terminal !== undefined) {
      // What its driver makes an interrupt of, for root too.
      command.life.signalled(signal);
      this.#channel?.write("\u0003");
      return;
    }
    if (!carried.includes(signal)) {
      throw new HoldfastError("unsupported", `SSH cannot carry the signal ${signal} to ${command.id}`, {
        hint: "Use INT, TERM or KILL",
      });
    }
    command.life.signalled(signal);
    this.#channel?.signal(signal);
    if (endingSignals.includes(signal)) signalYoung(command, () => this.#channel?.signal(signal));
    if (signal !== "KILL") return;
    after(beyondReachMs, () => {
      if (!command.life.running) return;
      this.#unreachable = true;
      this.#channel?.close();
    });
  }

  #ended(end: ChannelEnd, status: number | undefined, connection: SshConnection): void {
    const { command } = this;
    if (status === undefined) {
      command.lost(
        this.#unreachable
          ? outOfReach
          : connection.closed
            ? "the connection was lost"
            : "the server closed the channel",
      );
      return;
    }
    if (end.kind === "signal") command.life.signalled(end.signal);
    command.streamEnds("stdout");
    command.streamEnds("stderr");
    command.statusIs(status);
  }
}

const outOfReach =
  "the server does not pass signals on to it; it may still run on the host, and the outcome is unknown";

/** The status as a shell counts it (128 + n after a signal); undefined when it was not told. */
export function statusOf(end: ChannelEnd): number | undefined {
  if (end.kind === "exit") return end.status;
  if (end.kind === "lost") return undefined;
  const number = Object.entries(constants.signals).find(([name]) => name === `SIG${end.signal}`)?.[1];
  return 128 + (number ?? 0);
}
