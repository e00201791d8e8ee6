import { HoldfastError, Mutex, shellWord } from "../../base/index.ts";
import type { SshConnection } from "../../ssh/index.ts";
import type { HostCommand } from "../commands/host-command.ts";
import type { RunRequest } from "../session-api.ts";
import { commandText } from "../host-shell/command-text.ts";
import { LocalCommands } from "./local-commands.ts";
import { OneExec } from "./one-exec.ts";
import type { SessionShell } from "./session-shell.ts";

/** `cd`, alone, with one plain word: all that can change a directory that we keep for the host. */
const onlyCd = /^\s*cd(?:\s+(?:--\s+)?(?:[\w~./@%+:,-]+|'[^'\n]*'|"[^"$`\\\n]*"))?\s*;?\s*$/;

/** The end of what `cd` and `pwd` print is kept: PATH_MAX is 4,096 bytes on Linux, and 1,024 on the BSDs. */
const longestHeard = 8192;

export interface ExecShellDeps {
  readonly session: string;
  /** The number of the first command. */
  readonly first: number;
  /** Where the login puts a command; undefined: it was not told. */
  readonly home: string | undefined;
  /** Where commands begin instead. */
  readonly cwd?: string | undefined;
  connect(): Promise<SshConnection>;
}

/** The last rung: each command runs on a channel of its own in whatever the login gives; of its state only the directory is kept, by us. */
export class ExecShell implements SessionShell {
  readonly lost = undefined;
  readonly directory = "";
  readonly #deps: ExecShellDeps;
  readonly #commands: LocalCommands;
  readonly #running = new Set<OneExec>();
  readonly #lock = new Mutex();
  #connection: SshConnection | undefined;
  #cwd: string | undefined;
  #closed = false;

  constructor(deps: ExecShellDeps) {
    this.#deps = deps;
    this.#commands = new LocalCommands(deps.session, deps.first, () => this.#cwd);
    this.#cwd = deps.cwd ?? deps.home;
  }

  get commands(): SessionShell["commands"] {
    return this.#commands.book;
  }

  get attached(): boolean {
    return this.#connection?.closed === false;
  }

  get next(): number {
    return this.#commands.next;
  }

  get workingDirectory(): string | undefined {
    return this.#cwd;
  }

  async attach(): Promise<void> {
    if (this.#closed) throw new HoldfastError("session_lost", "the session was closed", { hint: "Open a new session" });
    this.#connection = await this.#deps.connect();
  }

  async run(request: RunRequest): Promise<HostCommand> {
    const text = commandText(request);
    return this.#lock.run(async () => {
      await this.attach();
      return this.#start(text, request, await this.#deps.connect());
    });
  }

  async command(number: number): Promise<HostCommand> {
    return Promise.resolve(this.#commands.get(number));
  }

  async quit(_limitMs: number): Promise<void> {
    this.#commands.allLost("the session was closed; it may still run on the host");
    await this.detach();
  }

  async detach(): Promise<void> {
    this.#closed = true;
    for (const one of this.#running) one.close();
    this.#running.clear();
    this.#commands.allLost("the connection was closed");
    this.#commands.close();
    return Promise.resolve();
  }

  async #start(text: string, request: RunRequest, connection: SshConnection): Promise<HostCommand> {
    const moves = request.cwd === undefined && request.terminal === undefined && onlyCd.test(text);
    let heard = "";
    const about = { text: request.command, stdinGiven: request.stdin !== undefined, terminal: request.terminal };
    const one: OneExec = new OneExec(this.#commands, about, (stream, bytes) => {
      if (moves && stream === "stdout") heard = `${heard}${Buffer.from(bytes).toString("latin1")}`.slice(-longestHeard);
      else this.#commands.output(one.command, stream, bytes);
    });
    this.#running.add(one);
    try {
      await one.start(connection, this.#line(text, moves), {
        stdin: request.stdin,
        onEnd: (status) => {
          this.#running.delete(one);
          if (!moves || status !== 0) return;
          this.#moved(Buffer.from(heard, "latin1").toString());
          one.command.directory = this.#cwd;
        },
      });
    } catch (error) {
      this.#running.delete(one);
      throw error;
    }
    return one.command;
  }

  /** The command line: in the session's directory, in whatever language the login shell speaks. */
  #line(text: string, moves: boolean): string {
    const place = this.#cwd === undefined || this.#cwd === this.#deps.home ? "" : `cd ${shellWord(this.#cwd)} && `;
    return moves ? `${place}${text.trim().replace(/;$/, "")} && pwd` : `${place}${text}`;
  }

  /** `pwd` has told where a `cd` led. */
  #moved(printed: string): void {
    const line = printed.trimEnd().split("\n").at(-1) ?? "";
    if (line.startsWith("/")) this.#cwd = line;
  }
}
