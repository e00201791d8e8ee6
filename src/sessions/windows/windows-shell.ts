import { randomHex, withDeadline } from "../../base/index.ts";
import type { SshConnection } from "../../ssh/index.ts";
import type { HostCommand } from "../commands/host-command.ts";
import type { RunRequest } from "../session-api.ts";
import { ChannelShell, type ChannelRun, type ChannelWays } from "../shells/channel-shell.ts";
import { LocalCommands } from "../shells/local-commands.ts";
import { cmdLine } from "./cmd-line.ts";
import { leaveScript } from "./leave-script.ts";
import { lookAround } from "./look-around.ts";
import { powershellLine } from "./powershell-line.ts";
import { refuseForWindows } from "./refuse-for-windows.ts";
import { endMarkedLine, endProcessLine } from "./stop-signals.ts";
import type { Told } from "./told-behind.ts";
import type { WindowsLanguage } from "./windows-language.ts";
import type { WindowsLine, WindowsText } from "./windows-line.ts";
import { WindowsRun } from "./windows-run.ts";
import { WindowsState } from "./windows-state.ts";

/** With what a line for PowerShell fits through cmd.exe, which most logins are; room for what the server puts around it. */
const longestPowershellLine = 8_000;

/** How long ending the processes of a command may take: PowerShell starts for it. */
const endTreeMs = 15_000;

export interface WindowsShellDeps {
  readonly session: string;
  /** The number of the first command. */
  readonly first: number;
  readonly language: WindowsLanguage;
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string | undefined;
  /** The session was used before, and what it kept is gone. */
  readonly usedBefore: boolean;
  connect(): Promise<SshConnection>;
}

/** A Windows host: each command on a channel of its own, in cmd.exe or PowerShell. Directory and variables are kept here. */
export function windowsShell(deps: WindowsShellDeps): ChannelShell {
  const commands: LocalCommands = new LocalCommands(deps.session, deps.first, () => ways.directory);
  const ways = new WindowsWays(deps, commands);
  return new ChannelShell({ commands, ways, connect: () => deps.connect() });
}

class WindowsWays implements ChannelWays {
  readonly endsRuns = true;
  readonly #deps: WindowsShellDeps;
  readonly #commands: LocalCommands;
  readonly #state: WindowsState;
  /** Whose directory and variables will be the session's. */
  #foreground: WindowsRun | undefined;
  #looked = false;
  #note: string | undefined;

  constructor(deps: WindowsShellDeps, commands: LocalCommands) {
    this.#deps = deps;
    this.#commands = commands;
    this.#state = new WindowsState(deps.env, deps.cwd);
    if (deps.usedBefore) this.#note = "new shell: the directory and variables that were kept before are gone";
  }

  get directory(): string | undefined {
    return this.#state.directory;
  }

  get remark(): string | undefined {
    return this.#note;
  }

  check(request: RunRequest): void {
    refuseForWindows(request);
  }

  async prepare(connection: SshConnection): Promise<void> {
    if (this.#looked) return;
    const mark = newMark();
    const looked = await lookAround(connection, this.#line({ ...emptyText, mark }), mark.join(""));
    if (looked === undefined) this.#note = "its shell does not tell directory and variables: neither is kept";
    else this.#state.ownIs(looked);
    this.#looked = true;
  }

  async start(request: RunRequest, connection: SshConnection, runs: Set<ChannelRun>): Promise<HostCommand> {
    const mark = newMark();
    const { stdin } = request;
    const text = this.#textOf(request, mark);
    const made = this.#line(text);
    const script = "line" in made ? undefined : await leaveScript(connection, made.file, mark.join(""));
    const line = "line" in made ? made.line : made.lineFor(script?.path ?? "");
    const endTree = (pid: number | undefined): Promise<void> =>
      this.#end(pid === undefined ? endMarkedLine(mark) : endProcessLine(pid));
    const run = new WindowsRun({ commands: this.#commands, request, text, endTree });
    runs.add(run);
    if (isForSession(request)) this.#foreground ??= run;
    if (this.#note !== undefined) run.command.life.note(this.#note);
    this.#note = undefined;
    const forget = (): void => {
      runs.delete(run);
      if (this.#foreground === run) this.#foreground = undefined;
      script?.remove();
    };
    const onEnd = (told: Told): void => {
      this.#ended(run, told);
      forget();
    };
    try {
      await run.start(connection, line, { stdin, onEnd });
    } catch (error) {
      forget();
      throw error;
    }
    return run.command;
  }

  #textOf({ command: text, cwd, env = {}, terminal }: RunRequest, mark: WindowsText["mark"]): WindowsText {
    return {
      text,
      directory: cwd === undefined ? this.#state.directory : this.#state.place(cwd),
      changes: new Map([...this.#state.changes, ...Object.entries(env)]),
      known: (name) => env[name] ?? this.#state.known(name),
      mark,
      bare: terminal !== undefined,
    };
  }

  #ended(run: WindowsRun, told: Told): void {
    const { command } = run;
    if (told.gone) this.#isGone(run);
    else if (this.#foreground === run && told.state !== undefined) this.#state.learn(told.state);
    else if (this.#foreground === run && told.status === undefined && !command.life.ending) {
      command.life.note("it ended its shell: the session's directory and variables are as before");
    }
    command.directory = this.#state.directory;
  }

  /** The directory in which it was to run is not there. */
  #isGone({ command, text }: WindowsRun): void {
    const { directory = "" } = text;
    command.life.note(`nothing was run: there is no directory ${directory}`);
    if (directory !== this.#state.directory) return;
    command.life.note("the session is in its home again");
    this.#state.directory = undefined;
    this.#looked = false;
  }

  #line(text: WindowsText): WindowsLine {
    const { language } = this.#deps;
    return language === "cmd" ? cmdLine(text) : powershellLine(text, language, longestPowershellLine);
  }

  /** Has another command end the first one's processes; a host without what it needs for that leaves them to the server. */
  async #end(line: string): Promise<void> {
    const connection = await this.#deps.connect();
    const ended = new Promise<void>((resolve) => {
      connection
        .exec(line, {
          onStdout: () => undefined,
          onStderr: () => undefined,
          onEnd: () => {
            resolve();
          },
        })
        .then(
          (channel) => channel.eof(),
          () => resolve(),
        );
    });
    await withDeadline(ended, endTreeMs);
  }
}

/** Its directory and variables are the session's afterwards. */
function isForSession({ background, cwd, env, terminal }: RunRequest): boolean {
  return background !== true && cwd === undefined && env === undefined && terminal === undefined;
}

const emptyText = {
  text: "",
  directory: undefined,
  changes: new Map<string, string>(),
  known: () => undefined,
  bare: false,
} as const;

function newMark(): readonly [string, string] {
  return [randomHex(8), randomHex(8)];
}
