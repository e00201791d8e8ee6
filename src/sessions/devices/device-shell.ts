import { HoldfastError, Mutex, withDeadline } from "../../base/index.ts";
import type { Platform } from "../../devices/index.ts";
import type { SshConnection } from "../../ssh/index.ts";
import type { HostCommand } from "../commands/host-command.ts";
import type { RunRequest, StopSignal } from "../session-api.ts";
import { LocalCommands, type LocalControls } from "../shells/local-commands.ts";
import type { SessionShell } from "../shells/session-shell.ts";
import { deviceLines } from "./device-lines.ts";
import type { DeviceLine } from "./device-line.ts";
import type { DeviceRun } from "./device-run.ts";
import { ExecRun } from "./exec-run.ts";
import { LineRun, type AskEnable } from "./line-run.ts";
import { mayRaise, raise } from "./raise.ts";

export interface DeviceShellDeps {
  readonly session: string;
  /** The number of the first command. */
  readonly first: number;
  /** The session was used before, by a terminal that is gone. */
  readonly usedBefore: boolean;
  connect(): Promise<SshConnection>;
  /** A new terminal of the device, logged in. */
  openLine(connection: SshConnection): Promise<DeviceLine>;
  /** What it is, where that is known beforehand and takes commands better without a terminal. */
  withoutTerminal(connection: SshConnection): Promise<Platform | undefined>;
  /** There is an enable password that nobody has to be asked for. */
  hasEnable(): Promise<boolean>;
  /** Who knows the enable password. */
  readonly askEnable: AskEnable;
}

/** A device without a terminal. */
interface Bare {
  readonly connection: SshConnection;
  readonly platform: Platform;
}

/** A network device: its command line on one terminal, which is gone with the connection. One command at a time. */
export class DeviceShell implements SessionShell {
  readonly lost = undefined;
  readonly directory = "";
  readonly #deps: DeviceShellDeps;
  #bare: Bare | undefined;
  readonly #commands: LocalCommands;
  readonly #lock = new Mutex();
  #line: DeviceLine | undefined;
  #run: DeviceRun | undefined;
  #prompt: string | undefined;
  #platform: Platform | undefined;
  #note: string | undefined;
  /** Changes that were made and are not in effect: since which command. */
  #uncommitted = false;
  #enableRefused = false;
  #closed = false;

  constructor(deps: DeviceShellDeps) {
    this.#deps = deps;
    this.#commands = new LocalCommands(deps.session, deps.first, () => this.#prompt);
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

  async attach(): Promise<void> {
    await this.#lock.run(() => this.#ready());
  }

  async run(request: RunRequest): Promise<HostCommand> {
    return this.#lock.run(async () => {
      if (this.#run !== undefined) throw busy(this.#deps.session, this.#run.command);
      const ready = await this.#ready();
      const platform = "platform" in ready ? ready.platform : ready.terminal.platform;
      return this.#start(ready, deviceLines(request, platform.longestLine), request);
    });
  }

  async command(number: number): Promise<HostCommand> {
    return Promise.resolve(this.#commands.get(number));
  }

  async quit(limitMs: number): Promise<void> {
    await withDeadline(this.#run?.interrupt() ?? Promise.resolve(), limitMs);
    this.#commands.allLost("the session was closed");
    await this.detach();
  }

  async detach(): Promise<void> {
    this.#closed = true;
    const line = this.#line;
    this.#line = undefined;
    line?.close();
    this.#commands.allLost("its terminal was closed with the connection");
    this.#commands.close();
    return Promise.resolve();
  }

  #start(ready: DeviceLine | Bare, lines: readonly string[], request: RunRequest): HostCommand {
    const command = this.#commands.begin({ text: request.command, stdinGiven: false }, this.#controls());
    if (this.#note !== undefined) command.life.note(this.#note);
    this.#note = undefined;
    const output = (text: string): void => this.#commands.output(command, "stdout", Buffer.from(text));
    const common = { lines, command, output };
    const run: DeviceRun =
      "platform" in ready
        ? new ExecRun({ ...ready, ...common })
        : new LineRun({
            ...common,
            line: ready,
            uncommitted: this.#uncommitted,
            askEnable: this.#deps.askEnable,
          });
    this.#run = run;
    void run.done.then(() => {
      this.#run = undefined;
      this.#uncommitted = run.uncommitted;
      if (!("platform" in ready)) this.#learn(ready);
      command.directory = this.#prompt;
      run.tell();
    });
    return command;
  }

  /** A terminal, or a connection for a device that is better without one. */
  async #ready(): Promise<DeviceLine | Bare> {
    if (this.#closed) throw new HoldfastError("session_lost", "the session was closed", { hint: "Open a new session" });
    if (this.#line !== undefined) return this.#line;
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
      input: async (_, text) => {
        this.#run?.type(text);
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
    if (this.#run?.command !== command) return;
    command.life.signalled(signal);
    if (signal === "KILL") this.#line?.close();
    else await this.#run.interrupt();
  }

  #gone(line: DeviceLine, why: string): void {
    if (this.#line !== line) return;
    this.#line = undefined;
    const drafts = this.#uncommitted ? "; changes that were not committed are gone with it, or wait there" : "";
    this.#uncommitted = false;
    this.#note = newTerminalNote(why) + drafts;
  }
}

function busy(session: string, command: HostCommand): HoldfastError {
  return new HoldfastError("session_busy", `${command.id} runs on the terminal of ${session}, and a device has one`, {
    hint: `Wait for it with ssh_read, answer it with ssh_input or stop it with ssh_stop; another session of the same target has a terminal of its own`,
  });
}

function newTerminalNote(why: string): string {
  return `new terminal: ${why}; it begins anew in the mode after the login`;
}
