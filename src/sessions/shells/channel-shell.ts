import { HoldfastError, Mutex, withDeadline } from "../../base/index.ts";
import type { SshConnection } from "../../ssh/index.ts";
import type { HostCommand } from "../commands/host-command.ts";
import type { RunRequest } from "../session-api.ts";
import type { LocalCommands } from "./local-commands.ts";
import type { SessionShell } from "./session-shell.ts";
import { standIn } from "./stand-in.ts";

/** One command that runs on a channel of its own. */
export interface ChannelRun {
  readonly command: HostCommand;
  /** Closes the channel; whatever still runs is out of sight then. */
  close(): void;
}

/** How a login takes commands, each on a channel of its own, and what is kept for it here. */
export interface ChannelWays {
  /** Where the next command runs. */
  readonly directory: string | undefined;
  /** What was noticed, for whoever opens the session. */
  readonly remark?: string | undefined;
  /** Its commands are ended when the session is closed; without it they are only let go of. */
  readonly endsRuns: boolean;
  /** Throws `bad_input`, `too_large` or `unsupported` for what cannot be run there; nothing has happened yet. */
  check(request: RunRequest): void;
  /** Before a command, and when the session is opened: what has to be known of the login. Rejects as an exec does. */
  prepare?(connection: SshConnection): Promise<void>;
  /** Starts a command that is among `runs` while it runs. Rejects as `SshConnection.exec` does. */
  start(request: RunRequest, connection: SshConnection, runs: Set<ChannelRun>): Promise<HostCommand>;
}

export interface ChannelShellDeps {
  /** They tell the directory of the ways. */
  readonly commands: LocalCommands;
  readonly ways: ChannelWays;
  connect(): Promise<SshConnection>;
}

/** The last rung: each command runs on a channel of its own in whatever the login gives. Nothing is kept on the host. */
export class ChannelShell implements SessionShell {
  readonly lost = undefined;
  readonly directory = "";
  readonly #deps: ChannelShellDeps;
  readonly #running = new Set<ChannelRun>();
  readonly #lock = new Mutex();
  #connection: SshConnection | undefined;
  #closed = false;

  constructor(deps: ChannelShellDeps) {
    this.#deps = deps;
  }

  get commands(): SessionShell["commands"] {
    return this.#deps.commands.book;
  }

  get attached(): boolean {
    return this.#connection?.closed === false;
  }

  get next(): number {
    return this.#deps.commands.next;
  }

  get workingDirectory(): string | undefined {
    return this.#deps.ways.directory;
  }

  get remark(): string | undefined {
    return this.#deps.ways.remark;
  }

  async attach(): Promise<void> {
    await this.#lock.run(() => this.#ready());
  }

  async run(request: RunRequest): Promise<HostCommand> {
    const { ways } = this.#deps;
    ways.check(request);
    return this.#lock.run(async () => ways.start(request, await this.#ready(), this.#running));
  }

  standIn(text: string): HostCommand {
    return standIn(this.#deps.commands, text);
  }

  async command(number: number): Promise<HostCommand> {
    return Promise.resolve(this.#deps.commands.get(number));
  }

  async quit(limitMs: number): Promise<void> {
    const ended = this.#deps.ways.endsRuns ? [...this.#running] : [];
    const ends = ended.map(async ({ command }) => {
      await command.stop("KILL");
      await command.life.ended(limitMs);
    });
    await withDeadline(Promise.allSettled(ends), limitMs);
    this.#deps.commands.allLost("the session was closed; it may still run on the host");
    await this.detach();
  }

  async detach(): Promise<void> {
    this.#closed = true;
    for (const run of this.#running) run.close();
    this.#running.clear();
    this.#deps.commands.allLost("the connection was closed; it may still run on the host");
    this.#deps.commands.close();
    return Promise.resolve();
  }

  async #ready(): Promise<SshConnection> {
    if (this.#closed) throw new HoldfastError("session_lost", "the session was closed", { hint: "Open a new session" });
    const connection = await this.#deps.connect();
    this.#connection = connection;
    await this.#deps.ways.prepare?.(connection);
    return connection;
  }
}
