import { HoldfastError, Mutex, oneLine, shellWord, withDeadline } from "../../base/index.ts";
import type { ChannelEnd, SshConnection } from "../../ssh/index.ts";
import type { HostCommand } from "../commands/host-command.ts";
import { signalYoung } from "../commands/signal-young.ts";
import { openWhereRoom } from "../connections/open-where-room.ts";
import { commandText } from "../host-shell/command-text.ts";
import type { RunRequest } from "../session-api.ts";
import { LocalCommands, type LocalControls, type LocalFacts } from "./local-commands.ts";
import { OneExec, statusOf } from "./one-exec.ts";
import type { SessionShell } from "./session-shell.ts";
import { ShellChannel } from "./shell-channel.ts";
import { dialectWord, type ShellDialect } from "./shell-scripts.ts";
import { endInput, feed, signalShell, stdinPath, type ShellProcess } from "./shell-hold.ts";

export interface ConnectionShellDeps {
  readonly session: string;
  /** The number of the first command. */
  readonly first: number;
  /** Shell text that every shell begins with, or "". */
  readonly start: string;
  /** The session was used before, by a shell that is gone. */
  readonly usedBefore: boolean;
  connect(): Promise<SshConnection>;
}

/** What a shell tells of itself when it begins: process, stdin, program, dialect, and the host for people. */
const introduce = `_hf_i; printf 'hf %s %s %s %s %s, %s\\n' "$$" "$_hf_h" "$0" "${dialectWord}-" "$(uname -srm 2>/dev/null)" "\${SHELL##*/}"`;

const dialects: Readonly<Record<string, ShellDialect>> = { b: "bash", p: "plain" };

/** One answer that something else was printed into is bad luck; several in a row are not. */
const renewAttempts = 3;

interface LiveShell {
  readonly channel: ShellChannel;
  readonly program: string;
  process: ShellProcess;
}

/** The middle rung: a shell on one channel. It keeps its state as long as the connection lives; nothing is written on the host. */
export class ConnectionShell implements SessionShell {
  readonly lost = undefined;
  readonly directory = "";
  readonly #deps: ConnectionShellDeps;
  readonly #commands: LocalCommands;
  readonly #lock = new Mutex();
  readonly #beside = new Set<OneExec>();
  #live: LiveShell | undefined;
  #front: HostCommand | undefined;
  #renewing: Promise<unknown> = Promise.resolve();
  #cwd: string | undefined;
  #facts = "";
  #note: string | undefined;
  #closed = false;

  constructor(deps: ConnectionShellDeps) {
    this.#deps = deps;
    this.#commands = new LocalCommands(deps.session, deps.first, () => this.#cwd);
    if (deps.usedBefore) this.#note = newShellNote("the connection of the one before is gone");
  }

  get commands(): SessionShell["commands"] {
    return this.#commands.book;
  }

  get attached(): boolean {
    return this.#live !== undefined;
  }

  get next(): number {
    return this.#commands.next;
  }

  get workingDirectory(): string | undefined {
    return this.#cwd;
  }

  /** Kernel, machine and shell, for people; "" before the first attachment. */
  get facts(): string {
    return this.#facts;
  }

  async attach(): Promise<void> {
    await this.#lock.run(() => this.#shell());
  }

  async run(request: RunRequest): Promise<HostCommand> {
    const text = commandText(request);
    return this.#lock.run(async () => {
      const busy = this.#front?.life.running === true ? this.#front : undefined;
      const aside = request.background === true || request.terminal !== undefined;
      if (busy !== undefined || aside) return this.#runBeside(text, request, busy);
      const live = await this.#shell();
      return this.#runInFront(live, text, request);
    });
  }

  async command(number: number): Promise<HostCommand> {
    return Promise.resolve(this.#commands.get(number));
  }

  async quit(limitMs: number): Promise<void> {
    const live = this.#live;
    if (live !== undefined) {
      const kill = async (): Promise<void> => signalShell(await this.#deps.connect(), live.process, "KILL", true);
      // Where the host cannot be reached any more, it ends what is left by itself when it notices.
      await withDeadline(kill(), limitMs).catch(() => undefined);
    }
    this.#commands.allLost("the session was closed");
    await this.detach();
  }

  async detach(): Promise<void> {
    this.#closed = true;
    const live = this.#live;
    this.#live = undefined;
    live?.channel.close();
    for (const one of this.#beside) one.close();
    this.#commands.allLost("its shell was closed with the connection");
    this.#commands.close();
    return Promise.resolve();
  }

  /** The living shell, or a new one in the directory of the one before. */
  async #shell(): Promise<LiveShell> {
    if (this.#closed) throw new HoldfastError("session_lost", "the session was closed", { hint: "Open a new session" });
    if (this.#live !== undefined) {
      await this.#renewing;
      if (this.#live !== undefined) return this.#live;
    }
    const channel = await openWhereRoom({
      dial: () => this.#deps.connect(),
      open: (connection) => ShellChannel.open(connection),
    });
    try {
      const said = await channel.ask(introduce);
      const words = /hf (\d+) (\d+) (\S+) ([bp]?)\S* (.*)\n$/.exec(said.stdout);
      if (words === null) throw new HoldfastError("unsupported", `the login's shell says ${oneLine(said.stderr, 200)}`);
      const [, pid, holder, program = "/bin/sh", dialect = "", facts = ""] = words;
      await channel.speak(dialects[dialect] ?? "loop");
      this.#facts = oneLine(facts, 120);
      await this.#prepare(channel);
      const live = { channel, program, process: { pid: Number(pid), holder: Number(holder) } };
      this.#live = live;
      channel.onGone = (end) => {
        this.#gone(live, end);
      };
      if (channel.gone) {
        throw new HoldfastError("connection_lost", "the new shell is gone already", { hint: "Call again" });
      }
      return live;
    } catch (error) {
      channel.close();
      throw error;
    }
  }

  /** What the session was opened with, and where it was. */
  async #prepare(channel: ShellChannel): Promise<void> {
    const first = this.#cwd === undefined;
    const begin = this.#deps.start === "" ? undefined : await channel.ask(this.#deps.start);
    if (first && begin !== undefined && begin.status !== 0) {
      throw new HoldfastError("bad_input", `the session cannot begin there: ${oneLine(begin.stderr, 200)}`, {
        hint: "Check cwd and env",
      });
    }
    const there = await channel.ask(first ? ":" : `cd -- ${shellWord(this.#cwd ?? "/")}`);
    this.#cwd = there.directory;
  }

  #runInFront(live: LiveShell, text: string, request: RunRequest): HostCommand {
    const command = this.#commands.begin(factsOf(request), this.#controls(live));
    this.#front = command;
    if (this.#note !== undefined) command.life.note(this.#note);
    this.#note = undefined;
    live.channel.run(
      { text, stdin: stdinPath(live.process) },
      {
        onBytes: (stream, bytes) => {
          this.#commands.output(command, stream, bytes);
        },
        onEnd: (stream, end) => {
          if (stream === "stdout") {
            this.#cwd = end.directory ?? this.#cwd;
            command.directory = this.#cwd;
            if (end.status !== undefined) command.statusIs(end.status);
          }
          command.streamEnds(stream);
          if (!command.life.running && command.stdinUsed) this.#renewStdin(live);
        },
      },
    );
    if (request.stdin !== undefined) this.#give(live, command, request.stdin);
    return command;
  }

  /** A command beside the shell, in its directory. */
  async #runBeside(text: string, request: RunRequest, busy: HostCommand | undefined): Promise<HostCommand> {
    const connection = await this.#deps.connect();
    const one = new OneExec(this.#commands, factsOf(request));
    if (busy !== undefined) one.command.life.note(`beside ${busy.id}, with its directory but not its variables`);
    this.#beside.add(one);
    const place = this.#cwd === undefined ? "" : `cd -- ${shellWord(this.#cwd)} || exit; `;
    const line = `${place}exec ${shellWord(this.#live?.program ?? "/bin/sh")} -c ${shellWord(text)}`;
    const ended = (): void => {
      this.#beside.delete(one);
    };
    try {
      await one.start(connection, `exec /bin/sh -c ${shellWord(line)}`, { stdin: request.stdin, onEnd: ended });
    } catch (error) {
      ended();
      throw error;
    }
    return one.command;
  }

  #controls(live: LiveShell): LocalControls {
    return {
      input: async (command, text) => {
        this.#needsStdin(live);
        command.stdinUsed = true;
        await feed(await this.#deps.connect(), live.process, text, false);
      },
      eof: async (command) => {
        this.#needsStdin(live);
        command.stdinUsed = true;
        command.stdinClosed = true;
        await endInput(await this.#deps.connect(), live.process);
      },
      stop: async (command, signal) => {
        command.life.signalled(signal);
        const send = async (): Promise<void> => signalShell(await this.#deps.connect(), live.process, signal, false);
        await send();
        if (signal === "INT") signalYoung(command, () => void send().catch(() => undefined));
      },
    };
  }

  #needsStdin(live: LiveShell): void {
    if (live.process.holder !== 0) return;
    throw new HoldfastError("unsupported", "commands of this session cannot be fed: the host has no /proc for it", {
      hint: "Give the input with a here-document in the command",
    });
  }

  /** Input that came with the call; the command may end without reading it. */
  #give(live: LiveShell, command: HostCommand, text: string): void {
    if (live.process.holder === 0) {
      command.life.note("its input was not given: the host does not show where its shell reads");
      return;
    }
    command.stdinUsed = true;
    const give = async (): Promise<void> => feed(await this.#deps.connect(), live.process, text, true);
    give().catch(() => undefined);
  }

  /** The next command reads nothing that was meant for this one. */
  #renewStdin(live: LiveShell): void {
    const renew = async (): Promise<void> => {
      let holder: string | undefined;
      // A background job may print at the same time, also into the middle of the answer.
      for (let attempt = 0; holder === undefined && attempt < renewAttempts; attempt += 1) {
        const said = await live.channel.ask('_hf_i; printf "hf-stdin %s." "$_hf_h"');
        holder = /hf-stdin (\d+)\./.exec(said.stdout)?.[1];
      }
      // Without an answer, the next command reads nothing rather than from nowhere.
      live.process = { pid: live.process.pid, holder: Number(holder ?? 0) };
    };
    this.#renewing = renew().catch(() => undefined);
  }

  #gone(live: LiveShell, end: ChannelEnd): void {
    if (this.#live !== live) return;
    this.#live = undefined;
    const command = this.#front?.life.running === true ? this.#front : undefined;
    const status = statusOf(end);
    if (status === undefined) {
      const reason = live.channel.connection.closed ? "the connection was lost" : "the server closed its channel";
      command?.lost(`${reason}, and this session's shell with it; the outcome is unknown`);
      this.#note = newShellNote(reason);
    } else if (command === undefined) this.#note = newShellNote("the one before had ended");
    else {
      command.life.note("shell restarted");
      command.streamEnds("stdout");
      command.streamEnds("stderr");
      command.statusIs(status);
    }
  }
}

function factsOf(request: RunRequest): LocalFacts {
  return { text: request.command, stdinGiven: request.stdin !== undefined, terminal: request.terminal };
}

function newShellNote(why: string): string {
  return `new shell: ${why}; variables and functions are gone, the directory is kept`;
}
