import { HoldfastError, Mutex, Pulse, after, monotonicMs, wallMs } from "../../base/index.ts";
import type { SshConnection } from "../../ssh/index.ts";
import { CommandBook } from "../commands/command-book.ts";
import { HostCommand, type CommandFacts } from "../commands/host-command.ts";
import type { RunRequest } from "../session-api.ts";
import type { Hello } from "./attachment.ts";
import { commandText } from "./command-text.ts";
import { EndOfCommand } from "./end-of-command.ts";
import { hostControls } from "./host-controls.ts";
import { HostLink } from "./host-link.ts";
import { readLog } from "./host-files.ts";
import { escapeLine } from "./host-scripts.ts";
import { busyError } from "./busy-error.ts";
import { recallCommand } from "./recall-command.ts";
import { SpoolFollower, commandToken } from "./spool-follower.ts";

/** How long a new command waits for the session to be ready again after the one before: far more than it takes. */
const readyTimeoutMs = 10_000;

/** How long we wait to hear whether the session shell is idle before we call it busy. */
const idleAnswerMs = 1500;

export interface HostShellDeps {
  /** Name of the session, for ids. */
  readonly session: string;
  readonly id: string;
  readonly key: string;
  readonly base: string;
  connect(): Promise<SshConnection>;
}

/** A session's shell on a host, seen from here: runs commands in it and knows what became of them. */
export class HostShell {
  readonly commands = new CommandBook();
  readonly #deps: HostShellDeps;
  readonly #link: HostLink;
  readonly #follower: SpoolFollower;
  readonly #ends: EndOfCommand;
  readonly #lock = new Mutex();
  readonly #news = new Pulse();
  readonly #watchers = new Map<HostCommand, number>();
  /** Request lines of commands of which we have not heard that the host has them. */
  readonly #unconfirmed = new Map<number, readonly string[]>();
  #hostEpoch = 1;
  #next = 1;
  #directory = "";
  #lost: HoldfastError | undefined;
  #learning: Promise<void> | undefined;

  constructor(deps: HostShellDeps) {
    this.#deps = deps;
    this.#follower = new SpoolFollower({
      key: deps.key,
      commandAt: (number, epoch) => this.#commandAt(number, epoch),
      onEnd: (stream, end) => {
        this.#ends.streamEnded(stream, end);
      },
      onForeignMarker: (stream, number) => {
        this.#ends.foreignMarker(stream, number);
      },
    });
    this.#link = new HostLink(
      {
        id: deps.id,
        base: deps.base,
        connect: () => deps.connect(),
        position: () => this.#follower.position,
        waitedFor: () => this.#watchers.size > 0,
        busy: () => this.commands.running().length > 0,
      },
      {
        onAttached: (hello, _mode, awayMs) => {
          this.#attached(hello, awayMs);
        },
        onLost: (error) => {
          this.#gone(error);
        },
        onBarrier: (stream, position) => {
          this.#follower.barrier(stream, position);
        },
        onBytes: (stream, bytes) => {
          this.#follower.bytes(stream, bytes);
          this.#ends.bytesCame(stream);
        },
        onLine: (words, line) => {
          this.#ends.line(words, line);
        },
      },
    );
    this.#ends = new EndOfCommand({
      commands: this.commands,
      follower: this.#follower,
      token: (number) => commandToken(deps.key, number),
      hostEpoch: () => this.#hostEpoch,
      epochIs: (epoch) => {
        this.#hostEpoch = epoch;
      },
      next: () => this.#next,
      nextIs: (number) => {
        this.#next = number;
      },
      send: (line) => this.#link.send(line),
      changed: () => {
        this.#news.fire();
      },
    });
  }

  get attached(): boolean {
    return this.#link.attached;
  }

  /** Why the session is gone for good; undefined while it may be there. */
  get lost(): HoldfastError | undefined {
    return this.#lost;
  }

  /** The number that the next command gets, as far as is known here. */
  get next(): number {
    return this.#next;
  }

  /** The session's directory on the host; "" before the first attachment. */
  get directory(): string {
    return this.#directory;
  }

  /** The shell's working directory after the newest command that has ended; undefined when it is not known. */
  get workingDirectory(): string | undefined {
    return (
      this.#ends.freshDirectory ??
      this.commands.newest(50).find((command) => command.directory !== undefined)?.directory
    );
  }

  /** Makes sure that the session is there and we are its writer. Rejects with `session_lost` and whatever connecting says. */
  async attach(): Promise<void> {
    if (this.#lost !== undefined) throw this.#lost;
    await this.#link.writer();
    await this.#learning;
  }

  /** Starts a command in the session's shell; one at a time. Rejects with `session_busy` while another one runs. */
  async run(request: RunRequest): Promise<HostCommand> {
    const text = commandText(request);
    return this.#lock.run(async () => {
      await this.attach();
      await this.#idle();
      const number = this.#next;
      const command = this.#newCommand({ number, text: request.command, stdinGiven: request.stdin !== undefined });
      const stdin = request.stdin === undefined ? "p" : "f";
      const token = commandToken(this.#deps.key, number);
      const lines = [`r ${number} ${token} ${stdin} ${wallMs()} ${escapeLine(text)}`];
      if (request.stdin !== undefined) lines.unshift(`n ${number} ${escapeLine(request.stdin)}`);
      this.#unconfirmed.clear();
      this.#next = number + 1;
      this.#send(number, lines);
      return command;
    });
  }

  /** A command of this session by its number, also one that another process ran. Rejects with `command_unknown` or `output_gone`. */
  async command(number: number): Promise<HostCommand> {
    const known = this.commands.get(number);
    if (known !== undefined && !(known.life.running && !this.attached)) return known;
    await this.attach();
    if (number >= this.#next || number < 1) {
      throw new HoldfastError("command_unknown", `${this.#deps.session}/${number} was never run`, {
        hint: `The newest is ${this.#deps.session}/${this.#next - 1}; see ssh_list {"what":"commands"}`,
      });
    }
    if (number >= this.#hostEpoch) return this.#commandAt(number, this.#hostEpoch);
    return this.commands.get(number) ?? this.#recall(number);
  }

  /** Ends the session on the host; resolves when the host has said so, or the channel is gone. */
  async quit(limitMs: number): Promise<void> {
    await this.attach();
    this.#link.send("q");
    const deadline = monotonicMs() + limitMs;
    while (this.#link.attached && monotonicMs() < deadline) await this.#news.wait(100);
    for (const command of this.commands.running()) command.lost("the session was closed");
    this.#link.close();
  }

  /** Leaves the session on the host as it is. */
  detach(): void {
    this.#link.close();
  }

  async #recall(number: number): Promise<HostCommand> {
    const connection = await this.#deps.connect();
    return recallCommand({
      connection,
      number,
      directory: this.#directory,
      attach: { id: this.#deps.id, base: this.#deps.base, mode: "reader" },
      key: this.#deps.key,
      commandAt: (at, epoch) => this.#commandAt(at, epoch),
    });
  }

  /** Waits until nothing runs in the shell's foreground and its streams are ready for the next command. */
  async #idle(): Promise<void> {
    const heardBy = monotonicMs() + idleAnswerMs;
    const readyBy = monotonicMs() + readyTimeoutMs;
    while (!this.#ends.ready) {
      const running = this.commands.running()[0];
      if (running !== undefined && monotonicMs() > (this.#ends.settling(running) ? readyBy : heardBy)) {
        throw busyError(running);
      }
      if (running !== undefined && this.#ends.surelyRunning(running)) throw busyError(running);
      if (monotonicMs() > readyBy) {
        throw new HoldfastError("timed_out", `${this.#deps.session} did not get ready for the next command`, {
          hint: "Call again",
        });
      }
      await this.#news.wait(200);
      if (!this.attached) await this.attach();
    }
  }

  #attached(hello: Hello, awayMs: number | undefined): void {
    this.#directory = hello.directory;
    this.#hostEpoch = hello.epoch;
    if (awayMs !== undefined && awayMs >= 500) {
      for (const command of this.commands.running()) {
        command.life.note(`reconnected after ${Math.round(awayMs / 1000)} s`);
      }
    }
    for (const [number, lines] of this.#unconfirmed) {
      this.#unconfirmed.delete(number);
      // The host gives each number once: what it has not given was never run, so it is sent again.
      if (hello.next <= number) {
        after(0, () => {
          this.#send(number, lines);
        });
      }
    }
    const first = this.#follower.epoch === undefined;
    this.#next = Math.max(this.#next, hello.next);
    this.#ends.attached(hello);
    for (let number = hello.epoch; number < hello.next; number += 1) this.#commandAt(number, hello.epoch);
    if (first && hello.next > hello.epoch) this.#learning = this.#learnTexts().catch(() => undefined);
    this.#news.fire();
  }

  #send(number: number, lines: readonly string[]): void {
    this.#unconfirmed.set(number, lines);
    for (const line of lines) this.#link.send(line);
  }

  #gone(error: HoldfastError): void {
    this.#lost = error;
    for (const command of this.commands.running()) command.lost(`${error.message}; the outcome is unknown`);
    this.#news.fire();
  }

  #commandAt(number: number, epoch: number): HostCommand {
    return this.commands.get(number) ?? this.#newCommand({ number, epoch });
  }

  #newCommand(facts: Partial<CommandFacts> & { readonly number: number }): HostCommand {
    const command: HostCommand = new HostCommand(
      {
        session: this.#deps.session,
        text: "",
        epoch: this.#hostEpoch,
        startedAtMs: wallMs(),
        stdinGiven: false,
        ...facts,
      },
      hostControls({
        link: this.#link,
        directory: () => this.#directory,
        attach: () => this.attach(),
        connect: () => this.#deps.connect(),
        background: () => this.#ends.background,
        fed: () => this.#ends.fed,
        freshStdin: () => {
          this.#ends.freshStdin();
        },
        watchers: this.#watchers,
      }),
    );
    command.directory = this.workingDirectory;
    this.commands.add(command);
    return command;
  }

  /** The texts of commands that another process ran, for lists. */
  async #learnTexts(): Promise<void> {
    const connection = await this.#deps.connect();
    for (const logged of await readLog(connection, this.#directory, 300)) {
      this.commands.get(logged.number)?.learn(logged.text, logged.startedAtMs);
    }
  }
}
