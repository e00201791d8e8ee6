import { HoldfastError } from "../../base/index.ts";
import { CommandBook } from "../commands/command-book.ts";
import type { CommandControls } from "../commands/command-controls.ts";
import type { HostCommand } from "../commands/host-command.ts";
import type { OutputStream, TerminalSize } from "../session-api.ts";
import { LocalSpool, SpoolPieces } from "./local-spool.ts";

/** Commands that run at the same time in one session, at most. */
const runningAtOnce = 64;

/** How a command is fed and stopped; the rest is the same for all that keep nothing on the host. */
export type LocalControls = Pick<CommandControls, "input" | "eof" | "stop"> & {
  /** The connection's server is told the new size. */
  readonly resize?: (size: TerminalSize) => void;
};

interface Kept {
  readonly stdout: SpoolPieces;
  readonly stderr: SpoolPieces;
  /** Streams of which it was told that not all is kept. */
  readonly cut: Set<OutputStream>;
  readonly controls: LocalControls;
}

/** What a command is begun with. */
export interface LocalFacts {
  readonly text: string;
  readonly stdinGiven: boolean;
  readonly terminal?: TerminalSize | undefined;
}

/** The commands of a session whose output is kept here and not on the host: their numbers, their texts, every byte they printed. */
export class LocalCommands {
  readonly book: CommandBook;
  readonly #session: string;
  readonly #spool = new LocalSpool();
  readonly #kept = new WeakMap<HostCommand, Kept>();
  #next: number;

  /** `first` is the number of the first command; `directory` tells where the session is. */
  constructor(session: string, first: number, directory: () => string | undefined) {
    this.#session = session;
    this.#next = first;
    this.book = new CommandBook({
      session,
      epoch: () => 0,
      directory,
      controls: {
        fetch: (command, stream, offset, limit) => this.#fetch(command, stream, { offset, limit }),
        input: async (command, text) => this.#kept.get(command)?.controls.input(command, text),
        eof: async (command) => this.#kept.get(command)?.controls.eof(command),
        stop: async (command, signal) => this.#kept.get(command)?.controls.stop(command, signal),
        resize: async (command, size) => {
          this.#kept.get(command)?.controls.resize?.(size);
          return Promise.resolve({ at: command.stdoutBytes, size });
        },
        sizes: async () => Promise.resolve([]),
        waitsForInput: async () => Promise.resolve(false),
        watch: () => () => undefined,
      },
    });
  }

  get next(): number {
    return this.#next;
  }

  /** A new command with the next number. Throws `limit_reached` when too many run. */
  begin(facts: LocalFacts, controls: LocalControls): HostCommand {
    if (this.book.running().length >= runningAtOnce) {
      throw new HoldfastError("limit_reached", `${runningAtOnce} commands run in ${this.#session} already`, {
        hint: "Wait for some of them, or stop some with ssh_stop",
      });
    }
    const command = this.book.make({ number: this.#next, ...facts });
    this.#next += 1;
    this.#kept.set(command, { stdout: new SpoolPieces(), stderr: new SpoolPieces(), cut: new Set(), controls });
    this.#spool.nextCommand();
    return command;
  }

  /** Output of a command, in order. */
  output(command: HostCommand, stream: OutputStream, bytes: Uint8Array): void {
    const kept = this.#kept.get(command);
    const before = stream === "stdout" ? command.stdoutBytes : command.stderrBytes;
    if (kept !== undefined && !this.#spool.append(kept[stream], bytes) && !kept.cut.has(stream)) {
      kept.cut.add(stream);
      command.life.note(`${stream} after byte ${before} was not kept: there is too much of it`);
    }
    command.output(stream, bytes);
  }

  /** Rejects with `command_unknown`. */
  get(number: number): HostCommand {
    const command = this.book.get(number);
    if (command !== undefined) return command;
    throw new HoldfastError(
      "command_unknown",
      `${this.#session}/${number} is not known: nothing is kept on this host`,
      {
        hint: `See ssh_list {"what":"commands","session":"${this.#session}"}`,
      },
    );
  }

  /** Nobody can know any more how those that run end. */
  allLost(reason: string): void {
    for (const command of this.book.running()) command.lost(reason);
  }

  close(): void {
    this.#spool.close();
  }

  async #fetch(
    command: HostCommand,
    stream: OutputStream,
    range: { readonly offset: number; readonly limit: number },
  ): Promise<Uint8Array> {
    const kept = this.#kept.get(command);
    const bytes = kept === undefined ? undefined : this.#spool.read(kept[stream], range.offset, range.limit);
    if (bytes !== undefined) return Promise.resolve(bytes);
    throw new HoldfastError("output_gone", "this part of the output is no longer kept", {
      hint: "Run the command again, with its output to a file if it is large",
    });
  }
}
