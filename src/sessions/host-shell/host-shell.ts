import { type HoldfastError, Mutex, Pulse, wallMs } from "../../base/index.ts";
import type { FirstExec, SshConnection } from "../../ssh/index.ts";
import { CommandBook } from "../commands/command-book.ts";
import type { CommandControls } from "../commands/command-controls.ts";
import type { HostCommand } from "../commands/host-command.ts";
import { patiently } from "../patiently.ts";
import type { RunRequest } from "../session-api.ts";
import type { Elevation } from "../sudo/elevation.ts";
import type { AskForSession } from "../sudo/password-asks.ts";
import { Answers } from "./answers.ts";
import type { Attachment, Hello } from "./attachment.ts";
import { commandText } from "./command-text.ts";
import { EndOfCommand } from "./end-of-command.ts";
import type { FirstCommand } from "./first-flight.ts";
import { giveNumber } from "./give-number.ts";
import { heardFrom, hostControls } from "./host-controls.ts";
import type { HostLink } from "./host-link.ts";
import { HostNumbers } from "./host-numbers.ts";
import { noteAbsence } from "./note-absence.ts";
import { LateOutput } from "./late-output.ts";
import { learnFromLog } from "./learn-from-log.ts";
import { findMarked, type KeyMark } from "./key-mark.ts";
import { linkOfShell } from "./link-of-shell.ts";
import { takeNumbers } from "./take-numbers.ts";
import { quitSession } from "./quit-session.ts";
import { recallCommand } from "./recall-command.ts";
import { RunRequests } from "./run-requests.ts";
import { Siblings } from "./siblings.ts";
import { neverRunError } from "./shell-errors.ts";
import { SideChannels } from "./side-channels.ts";
import { SpoolFollower, commandToken } from "./spool-follower.ts";
import { untilIdle } from "./until-idle.ts";
import { untilRoom } from "./until-room.ts";

/** How long leaving a session waits for the host to have what was sent. */
const flushMs = 1500;

export interface HostShellDeps {
  /** Name of the session, for ids. */
  readonly session: string;
  readonly id: string;
  readonly key: string;
  readonly base: string;
  /** Who is asked for what sudo wants to know. */
  readonly ask: AskForSession;
  connect(first?: FirstExec): Promise<SshConnection>;
}

/** A session's shell on a host, seen from here: runs commands in it and knows what became of them. */
export class HostShell {
  readonly commands: CommandBook;
  readonly elevation: Elevation;
  readonly #deps: HostShellDeps;
  readonly #link: HostLink;
  readonly #follower: SpoolFollower;
  readonly #ends: EndOfCommand;
  readonly #lock = new Mutex();
  readonly #news = new Pulse();
  readonly #send = (line: string): boolean => this.#link.send(line);
  readonly #ask = (line: string): boolean => this.#link.ask(line);
  readonly #watchers = new Map<HostCommand, number>();
  readonly #siblings: Siblings;
  readonly #side: SideChannels;
  readonly #late = new LateOutput({
    fetch: (file, offset, limit) => this.#side.files.read(file, offset, limit),
    followed: () => this.#follower.leave()?.number,
    hear: () => heardFrom({ link: () => this.#link, attach: () => this.attach(), answers: this.#answers }),
  });
  readonly #answers = new Answers();
  readonly #requests = new RunRequests(this.#send, this.#answers, () => this.#link.takeOver());
  readonly #numbers = new HostNumbers();
  #directory = "";
  #lost: HoldfastError | undefined;
  #learning: Promise<void> | undefined;

  constructor(deps: HostShellDeps) {
    this.#deps = deps;
    this.#side = new SideChannels(deps, this);
    this.elevation = this.#side.elevation;
    this.commands = new CommandBook({
      session: deps.session,
      controls: this.#controls(),
      epoch: () => this.#numbers.epoch,
      directory: () => this.workingDirectory,
    });
    this.#follower = new SpoolFollower({
      key: deps.key,
      commandAt: (number, epoch) => this.commands.at(number, epoch),
      onEnd: (stream, end) => {
        this.#ends.streamEnded(stream, end);
      },
      onForeignMarker: (stream, number) => {
        this.#ends.foreignMarker(stream, number);
      },
      onLeft: (streams) => {
        this.#late.keep(streams);
      },
    });
    this.#link = linkOfShell({
      place: deps,
      commands: this.commands,
      follower: this.#follower,
      answers: this.#answers,
      watchers: this.#watchers,
      side: this.#side,
      siblings: () => this.#siblings,
      ends: () => this.#ends,
      requests: () => this.#requests,
      attached: (hello, awayMs, carried) => {
        this.#attached(hello, awayMs, carried);
      },
      gone: (error) => {
        this.#gone(error);
      },
    });
    this.#siblings = new Siblings({
      commands: this.commands,
      unsent: (number) => this.#requests.unsent(number),
      late: this.#late,
      ask: this.#ask,
    });
    this.#ends = new EndOfCommand({
      commands: this.commands,
      follower: this.#follower,
      token: (number) => commandToken(deps.key, number),
      numbers: this.#numbers,
      send: this.#send,
      ask: this.#ask,
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
    return this.#numbers.next;
  }

  /** The session's directory on the host; "" before the first attachment. */
  get directory(): string {
    return this.#directory;
  }

  /** The shell's working directory after the newest command that has ended; undefined when it is not known. */
  get workingDirectory(): string | undefined {
    return this.#ends.directory;
  }

  /** Makes sure that the session is there and we are its writer. Rejects with `session_lost` and whatever connecting says. */
  async attach(): Promise<void> {
    await this.#writer();
  }

  async #writer(): Promise<Attachment> {
    if (this.#lost !== undefined) throw this.#lost;
    const attachment = await this.#link.writer();
    await this.#learning;
    return attachment;
  }

  /**
   * Starts a command: in the session's shell where that is free, else (or with `background`) beside it, with a copy of its directory and
   * exported variables. Rejects with `bad_input`, `too_large`, `limit_reached`, and as `attach` does.
   */
  async run(request: RunRequest): Promise<HostCommand> {
    const { text, lent } = await this.#side.textOf(request, () => this.attach());
    const aside = request.background === true || request.terminal !== undefined;
    return this.#lock.run(async () => {
      await this.attach();
      await untilRoom({ session: this.#deps.session, commands: this.commands, ends: this.#ends, news: this.#news });
      const busy = aside ? this.commands.inFront()[0] : await this.#untilIdle();
      const beside = aside || busy !== undefined;
      const given = giveNumber(this.#giveDeps(), { request, text, beside, background: this.#ends.background });
      const { command } = given;
      if (busy !== undefined) command.life.note(`beside ${busy.id}`);
      lent?.carry(command);
      this.#requests.send(given);
      if (beside) this.#siblings.watch();
      return command;
    });
  }

  /** Attaches for the first time and starts the session's first command with that. Rejects as `attach` does; the flight knows whether it may run. */
  async begin({ request, number, flight }: FirstCommand): Promise<HostCommand> {
    const text = commandText(request, true);
    return this.#lock.run(async () => {
      Object.assign(this.#numbers, { next: number, epoch: number });
      const given = giveNumber(this.#giveDeps(), { request, text, beside: false, background: [] });
      this.#requests.ride(given);
      await this.#link.writer(flight.riding(given.lines));
      return given.command;
    });
  }

  /** The command that was started with the key of `mark`. Being the writer comes first: no other server's command can come in behind the look. */
  async earlier(mark: KeyMark): Promise<HostCommand | undefined> {
    await this.attach();
    const number = await patiently(async () => findMarked(await this.#deps.connect(), this.#directory, mark));
    return number === undefined ? undefined : this.command(number);
  }

  /** A command of this session by its number, also one that another process ran. Rejects with `command_unknown` or `output_gone`. */
  async command(number: number): Promise<HostCommand> {
    const known = this.commands.refused(number) ?? this.commands.get(number);
    if (known !== undefined && !(known.life.running && !this.attached)) {
      await this.#late.look(number);
      return known;
    }
    await this.attach();
    if (number >= this.#numbers.next || number < 1) {
      throw neverRunError(this.#deps.session, number, this.#numbers.next - 1);
    }
    const recall = async (): Promise<HostCommand> =>
      recallCommand({
        connection: await this.#deps.connect(),
        number,
        directory: this.#directory,
        attach: { id: this.#deps.id, base: this.#deps.base, mode: "reader" },
        key: this.#deps.key,
        commands: this.commands,
        siblings: this.#siblings,
        late: this.#late,
      });
    const recalled = this.commands.get(number) ?? (await patiently(recall));
    await this.#late.look(number);
    return recalled;
  }

  /** See `SessionShell`. Rejects with `timed_out` when it has not within `limitMs`. */
  async quit(limitMs: number): ReturnType<typeof quitSession> {
    const deps = { ...this.#deps, answers: this.#answers, attach: () => this.#writer(), send: this.#send };
    const distant = await this.#link.watched(() => quitSession(deps, limitMs));
    for (const command of this.commands.running()) command.lost("the session was closed");
    this.#side.close();
    this.#link.close();
    return distant;
  }

  /** Leaves the session on the host alone; what was sent is there. */
  async detach(): Promise<void> {
    await this.#requests.flush(flushMs);
    this.#side.close();
    this.#link.close();
  }

  #controls(): CommandControls {
    return hostControls({
      link: () => this.#link,
      side: this.#side,
      attach: () => this.attach(),
      background: () => this.#ends.background,
      freshStdin: (number) => this.#ends.freshStdin(number),
      answers: this.#answers,
      requests: () => this.#requests,
      watchers: this.#watchers,
    });
  }

  #giveDeps(): Parameters<typeof giveNumber>[0] {
    return { commands: this.commands, numbers: this.#numbers, key: this.#deps.key };
  }

  #untilIdle(): Promise<HostCommand | undefined> {
    const parts = { session: this.#deps.session, commands: this.commands, ends: this.#ends, news: this.#news };
    return this.#link.watched(() => untilIdle({ ...parts, attach: () => this.#writer() }));
  }

  #attached(hello: Hello, awayMs: number | undefined, carried: boolean): void {
    this.#directory = hello.directory;
    noteAbsence(this.commands, awayMs ?? 0);
    takeNumbers(hello, this.commands, this.#numbers);
    // What rode along begins now.
    if (carried) for (const command of this.commands.running()) command.life.beganAt(wallMs());
    this.#requests.attached(hello, carried);
    this.#ends.attached(hello);
    this.#siblings.attached();
    if (this.#follower.epoch === undefined && hello.used) {
      const parts = { directory: this.#directory, commands: this.commands, siblings: this.#siblings };
      const heard = (limitMs: number): Promise<unknown> => this.#answers.pong(this.#ask, limitMs);
      this.#learning = learnFromLog({ connect: () => this.#deps.connect(), heard, ...parts }).catch(() => undefined);
    }
    this.#news.fire();
  }

  #gone(error: HoldfastError): void {
    this.#lost = error;
    for (const command of this.commands.running()) command.lost(`${error.message}; the outcome is unknown`);
    this.#news.fire();
  }
}
