import { HoldfastError, after, randomHex, shellWord, withDeadline } from "../../base/index.ts";
import type { ChannelEnd, SshChannel, SshConnection } from "../../ssh/index.ts";
import type { HostCommand } from "../commands/host-command.ts";
import type { OutputStream, TerminalChange, TerminalSize } from "../session-api.ts";
import { LocalSpool, SpoolPieces } from "../shells/local-spool.ts";
import { statusOf } from "../shells/one-exec.ts";
import lentScript from "./host/lent.sh";

/** The kind of terminal that is asked for; what runs there is told what the host knows of. */
const terminalType = "xterm-256color";

/** Bytes of the word under which the session leaves what is to run on a terminal: nobody else's. */
const wordBytes = 10;

/** How long input may wait for the program to read what came before it; the rest follows when it does. */
const inputTimeoutMs = 10_000;

/** The host says that a command has ended, and its channel has not said so, nor anything else, for this long: it is taken to be dead. */
const quietMs = 3_000;

const script = lentScript
  .split("\n")
  .filter((line) => line !== "" && !line.startsWith("#"))
  .join("\n");

/** A channel's terminal, on which one command will run. */
export interface LentTerminal {
  /** What the command's text has to name. */
  readonly word: string;
  /** The command that runs there from now on: what comes is its output, and the end its end. One for which nothing comes closes by itself. */
  carry(command: HostCommand): void;
}

interface Lent {
  command: HostCommand | undefined;
  channel: SshChannel | undefined;
  end: ChannelEnd | undefined;
  readonly kept: SpoolPieces;
}

/**
 * Terminals of channels, for commands in sessions on hosts that have nothing which keeps one: each lives as long as its connection, and
 * what it shows is kept here.
 */
export class LentTerminals {
  readonly #byCommand = new WeakMap<HostCommand, Lent>();
  readonly #open = new Set<Lent>();
  readonly #spool = new LocalSpool();

  /** Opens one; what is to run there is looked for in the session's directory. Rejects as `SshConnection.exec` does. */
  async open(connection: SshConnection, directory: string, size: TerminalSize): Promise<LentTerminal> {
    const word = randomHex(wordBytes);
    const line = `exec /bin/sh -c ${shellWord(script)} ${shellWord(`${directory}/lt.${word}`)}`;
    const lent: Lent = { command: undefined, channel: undefined, end: undefined, kept: new SpoolPieces() };
    const take = (bytes: Uint8Array): void => {
      this.#output(lent, bytes);
    };
    const onEnd = (end: ChannelEnd): void => {
      lent.end = end;
      this.#open.delete(lent);
      if (lent.command !== undefined) hasEnded(lent.command, end);
    };
    this.#open.add(lent);
    try {
      const pty = { term: terminalType, ...size };
      lent.channel = await connection.exec(line, { onStdout: take, onStderr: take, onEnd }, { pty });
    } catch (error) {
      this.#open.delete(lent);
      throw error;
    }
    return {
      word,
      carry: (command) => {
        this.#carry(lent, command);
      },
    };
  }

  /** Types into one. False: this command is on none of these. Rejects with `unsupported` when it is on another server's. */
  async input(command: HostCommand, text: string): Promise<boolean> {
    const channel = this.#here(command);
    if (channel === undefined) return false;
    channel.write(text);
    await withDeadline(channel.drained(), inputTimeoutMs);
    return true;
  }

  /** Gives one another size; undefined, and rejects, as `input`. */
  resize(command: HostCommand, size: TerminalSize): TerminalChange | undefined {
    const channel = this.#here(command);
    if (channel === undefined) return undefined;
    channel.resize(size.columns, size.rows);
    return { at: command.stdoutBytes, size };
  }

  /** Bytes of its output that are not at hand; undefined for any other command. Throws `output_gone`. */
  fetch(command: HostCommand, stream: OutputStream, from: number, limit: number): Uint8Array | undefined {
    if (command.hold.lent !== "here") return undefined;
    const kept = stream === "stdout" ? this.#byCommand.get(command)?.kept : undefined;
    const bytes = kept === undefined ? undefined : this.#spool.read(kept, from, limit);
    if (bytes !== undefined) return bytes;
    throw new HoldfastError("output_gone", "this part of what the terminal showed is no longer kept", {
      hint: "Run the command again, with its output to a file if it is large",
    });
  }

  /** The terminals are gone with it. */
  close(): void {
    for (const { channel } of this.#open) channel?.close();
    this.#spool.close();
  }

  #here(command: HostCommand): SshChannel | undefined {
    if (command.hold.lent !== "elsewhere") return this.#byCommand.get(command)?.channel;
    throw new HoldfastError("unsupported", `the terminal of ${command.id} belongs to another server's connection`, {
      hint: "Use it there, or end it with ssh_stop",
    });
  }

  #carry(lent: Lent, command: HostCommand): void {
    lent.command = command;
    this.#byCommand.set(command, lent);
    this.#spool.nextCommand();
    command.hold.here((status) => {
      untilQuiet(command, () => {
        endsWith(command, status);
        lent.channel?.close();
      });
    });
    if (lent.end !== undefined) hasEnded(command, lent.end);
  }

  #output({ command, kept }: Lent, bytes: Uint8Array): void {
    // Before there is a command, only a login speaks.
    if (command === undefined) return;
    if (!this.#spool.append(kept, bytes)) {
      command.life.note("not all that the terminal showed was kept: there is too much of it");
    }
    command.output("stdout", bytes);
  }
}

/** Calls `then` when nothing has come for a while from a command that should have ended. */
function untilQuiet(command: HostCommand, then: () => void): void {
  const seen = command.stdoutBytes;
  after(quietMs, () => {
    if (!command.life.running) return;
    if (command.stdoutBytes === seen) then();
    else untilQuiet(command, then);
  });
}

function hasEnded(command: HostCommand, end: ChannelEnd): void {
  const status = statusOf(end);
  if (status === undefined) {
    command.lost("the connection was lost, and its terminal with it");
    return;
  }
  if (end.kind === "signal") command.life.signalled(end.signal);
  endsWith(command, status);
}

function endsWith(command: HostCommand, status: number): void {
  command.streamEnds("stdout");
  command.streamEnds("stderr");
  command.statusIs(status);
}
