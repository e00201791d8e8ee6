import { HoldfastError, Mutex, withDeadline } from "../../base/index.ts";
import { asksLogin, type Platform, type TypedLine } from "../../devices/index.ts";
import type { SshConnection } from "../../ssh/index.ts";
import type { HostCommand } from "../commands/host-command.ts";
import type { RunRequest, StopSignal, TerminalSize } from "../session-api.ts";
import { LocalCommands, type LocalControls } from "../shells/local-commands.ts";
import type { SessionShell } from "../shells/session-shell.ts";
import { standIn } from "../shells/stand-in.ts";
import { deviceLines } from "./device-lines.ts";
import type { DeviceLine } from "./device-line.ts";
import type { DeviceShellDeps } from "./device-shell-deps.ts";
import type { DeviceRun } from "./device-run.ts";
import { ExecRun } from "./exec-run.ts";
import { PendingChanges } from "./pending-changes.ts";
import { loggedOut, newTerminalNote } from "./new-terminal-note.ts";
import { PeopleOnLine } from "./people-on-line.ts";
import { LineRun } from "./line-run.ts";
import { mayRaise, raise } from "./raise.ts";
import { SideLines } from "./side-lines.ts";

/** A device without a terminal. */
interface Bare {
  readonly connection: SshConnection;
  readonly platform: Platform;
}

/** Where a command runs, and what is running there. */
interface Running {
  readonly run: DeviceRun;
  /** Its terminal; undefined where it has none. */
  readonly line: DeviceLine | undefined;
}

/** A network device: its command line on one terminal, which is gone with the connection, and others for commands beside a running one. */
export class DeviceShell implements SessionShell {
  readonly lost = undefined;
  readonly directory = "";
  readonly #deps: DeviceShellDeps;
  #bare: Bare | undefined;
  readonly #commands: LocalCommands;
  readonly #lock = new Mutex();
  readonly #sides: SideLines;
  readonly #people: PeopleOnLine;
  /** What runs beside the session's own terminal. */
  readonly #beside = new Map<HostCommand, Running>();
  #line: DeviceLine | undefined;
  #run: DeviceRun | undefined;
  #prompt: string | undefined;
  #platform: Platform | undefined;
  #note: string | undefined;
  readonly #changes: PendingChanges;
  #enableRefused = false;
  #closed = false;

  constructor(deps: DeviceShellDeps) {
    this.#deps = deps;
    this.#sides = new SideLines(deps);
    this.#changes = new PendingChanges(deps.trial);
    this.#commands = new LocalCommands(deps.session, deps.first, () => this.#prompt);
    this.#people = new PeopleOnLine(deps.session, this.#commands);
    if (deps.usedBefore) this.#note = newTerminalNote("the connection of the one before is gone");
  }

  get commands(): SessionShell["commands"] {
    return this.#commands.book;
  }

  get attached(): boolean {
    return this.#line !== undefined || this.#bare?.connection.closed === false;
  }

  get next(): number {
    return this.#commands.next;
  }

  /** Its prompt: that is where one is on a device. */
  get workingDirectory(): string | undefined {
    return this.#prompt;
  }

  get remark(): string | undefined {
    return this.#note;
  }

  /** What it was found to be. */
  get platform(): Platform | undefined {
    return this.#platform;
  }

  /** Changes that take no effect when it ends now. */
  get unfinished(): string | undefined {
    return this.#changes.parting();
  }

  async attach(): Promise<void> {
    await this.#lock.run(() => this.#ready());
  }

  async run(request: RunRequest): Promise<HostCommand> {
    return this.#lock.run(async () => {
      const ready = await this.#ready();
      const platform = "platform" in ready ? ready.platform : ready.terminal.platform;
      const lines = deviceLines(request, platform);
      const idle = this.#run === undefined;
      if (idle && !("platform" in ready) && (await this.#people.haveLeft(ready))) this.#learn(ready);
      const aside = !idle || request.background === true;
      return aside ? this.#startBeside(ready, lines, request) : this.#start(ready, lines, request);
    });
  }

  /** Who types on the session's own line is settled under this name. */
  get floor(): string {
    return this.#deps.session;
  }

  /** The line itself, as a command on a terminal, for people; the same for all of them. Rejects as `attach` does, and with `unsupported` without a terminal. */
  async watchLine(size: TerminalSize): Promise<HostCommand> {
    return this.#lock.run(async () => {
      const line = await this.#ready();
      if ("platform" in line) {
        const problem = `${this.#deps.session} has no terminal: each command has a channel of its own`;
        throw new HoldfastError("unsupported", problem, { hint: "Watch one of its commands by its number" });
      }
      return this.#people.watch(line, size);
    });
  }

  standIn(text: string): HostCommand {
    return standIn(this.#commands, text);
  }

  async command(number: number): Promise<HostCommand> {
    return Promise.resolve(this.#commands.get(number));
  }

  async quit(limitMs: number): Promise<void> {
    const beside = [...this.#beside.values()].map(({ run }) => run.interrupt());
    await withDeadline(Promise.all([this.#run?.interrupt(), ...beside]), limitMs);
    this.#commands.allLost("the session was closed");
    await this.detach();
  }

  async detach(): Promise<void> {
    this.#closed = true;
    const line = this.#line;
    this.#line = undefined;
    line?.close();
    this.#sides.close();
    this.#commands.allLost("its terminal was closed with the connection");
    this.#commands.close();
    return Promise.resolve();
  }

  #start(ready: DeviceLine | Bare, lines: readonly TypedLine[], request: RunRequest): HostCommand {
    const { command, run } = this.#begin(ready, lines, request, this.#changes);
    if (this.#note !== undefined) command.life.note(this.#note);
    this.#note = undefined;
    if (!("platform" in ready)) command.floor = this.floor;
    this.#run = run;
    void run.done.then(() => {
      this.#run = undefined;
      if (!("platform" in ready)) this.#learn(ready);
      command.directory = this.#prompt;
      run.tell();
    });
    return command;
  }

  /** On a terminal of its own while the session's is busy, or on the same connection where there is none. */
  async #startBeside(ready: DeviceLine | Bare, lines: readonly TypedLine[], request: RunRequest): Promise<HostCommand> {
    const busy = this.#run?.command;
    const line = "platform" in ready ? undefined : await this.#sides.take(ready, busy);
    const { command, run } = this.#begin(line ?? ready, lines, request, new PendingChanges(this.#deps.trial));
    const mode = line?.terminal.prompt?.mode.name ?? "";
    command.directory = line?.terminal.prompt?.text;
    if (busy !== undefined) {
      command.life.note(
        `beside ${busy.id}${line === undefined ? "" : ", on a second terminal of the same connection"}`,
      );
    }
    this.#beside.set(command, { run, line });
    void run.done.then(() => {
      this.#beside.delete(command);
      command.directory = line?.terminal.prompt?.text;
      const kept = line === undefined || this.#sides.give(line, mode);
      if (!kept) command.life.note("left its terminal in another mode: that terminal was closed");
      run.tell();
    });
    return command;
  }

  #begin(
    on: DeviceLine | Bare,
    lines: readonly TypedLine[],
    request: RunRequest,
    changes: PendingChanges,
  ): { readonly command: HostCommand; readonly run: DeviceRun } {
    const command = this.#commands.begin({ text: request.command, stdinGiven: false }, this.#controls());
    const output = (text: string): void => this.#commands.output(command, "stdout", Buffer.from(text));
    const taken = (): boolean => on === this.#line && this.#people.touched;
    const common = { lines, command, output, taken };
    const { askEnable, askOnConsole } = this.#deps;
    const run: DeviceRun =
      "platform" in on
        ? new ExecRun({ ...on, ...common })
        : new LineRun({ ...common, line: on, changes, askEnable, askOnConsole });
    return { command, run };
  }

  /** A terminal, or a connection for a device that is better without one. */
  async #ready(): Promise<DeviceLine | Bare> {
    if (this.#closed) throw new HoldfastError("session_lost", "the session was closed", { hint: "Open a new session" });
    // What is typed there would be taken for a name, or a password.
    if (this.#line !== undefined && this.#run === undefined && asksLogin(this.#line.terminal)) {
      this.#line.close(loggedOut);
    }
    if (this.#line !== undefined) return this.#line;
    await this.#deps.trial.recall();
    const connection = await this.#deps.connect();
    const platform = await this.#deps.withoutTerminal(connection);
    if (platform === undefined) return this.#live(connection);
    this.#platform = platform;
    this.#bare = { connection, platform };
    return this.#bare;
  }

  /** A new terminal. */
  async #live(connection: SshConnection): Promise<DeviceLine> {
    const line = await this.#raised(await this.#deps.openLine(connection));
    this.#line = line;
    this.#learn(line);
    line.onGone = (why) => {
      this.#gone(line, why);
    };
    if (line.terminal.closed) {
      throw new HoldfastError("connection_lost", "the new terminal is gone already", { hint: "Call again" });
    }
    return line;
  }

  /** The line in privileged mode, where its platform has one and the settings have the password; that is tried once. */
  async #raised(line: DeviceLine): Promise<DeviceLine> {
    if (this.#enableRefused || !mayRaise(line) || !(await this.#deps.hasEnable())) return line;
    const problem = await raise(line, this.#deps.askEnable);
    if (problem === undefined) return line;
    this.#enableRefused = true;
    this.#note = problem;
    if (!line.terminal.closed) return line;
    return this.#deps.openLine(await this.#deps.connect());
  }

  #learn({ terminal }: DeviceLine): void {
    this.#prompt = terminal.prompt?.text ?? this.#prompt;
    this.#platform = terminal.platform;
  }

  #controls(): LocalControls {
    return {
      input: async (command, text) => {
        this.#runningOf(command)?.run.type(text);
        return Promise.resolve();
      },
      eof: async () => {
        throw new HoldfastError("unsupported", "a device's command line has no end of input", {
          hint: "Answer its question with text, or stop the command with ssh_stop",
        });
      },
      stop: async (command, signal) => {
        await this.#stop(command, signal);
      },
    };
  }

  /** A device knows one signal, Ctrl-C; whoever wants more than that closes its terminal. */
  async #stop(command: HostCommand, signal: StopSignal): Promise<void> {
    const running = this.#runningOf(command);
    if (running === undefined) return;
    command.life.signalled(signal);
    if (signal === "KILL" && running.line !== undefined) running.line.close();
    else await running.run.interrupt();
  }

  #runningOf(command: HostCommand): Running | undefined {
    if (this.#run?.command === command) return { run: this.#run, line: this.#line };
    return this.#beside.get(command);
  }

  #gone(line: DeviceLine, why: string): void {
    if (this.#line !== line) return;
    this.#line = undefined;
    this.#people.gone(why);
    const unfinished = this.#changes.parting();
    const { drafts } = this.#changes;
    this.#changes.drop();
    if (unfinished !== undefined) this.#run?.command.life.note(unfinished);
    this.#note = [newTerminalNote(why), ...(drafts === undefined ? [] : [drafts])].join("; ");
  }
}
