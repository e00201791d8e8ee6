import { HoldfastError, timeIsUp, withDeadline } from "../base/index.ts";
import type { SshConnection } from "../ssh/index.ts";
import { look } from "./host-shell/host-files.ts";
import type { CloseReport, CommandView, RunRequest, SessionSummary, SessionView } from "./session-api.ts";
import type { SessionRecord } from "./session-record.ts";
import type { SessionShell } from "./shells/session-shell.ts";

/** Numbers are reserved on disk in blocks, so that a lost session's numbers are not given again and a command costs no write. */
export const numberBlock = 1000;

/** How long the host may take to end a session: its shell is asked for 1.5 s, then killed. */
const quitTimeoutMs = 6000;

export interface HostSessionDeps {
  readonly shell: SessionShell;
  connect(): Promise<SshConnection>;
  /** Writes the record anew. */
  save(record: SessionRecord): Promise<void>;
}

/** One session on one host. */
export class HostSession implements SessionView {
  readonly #deps: HostSessionDeps;
  readonly #shell: SessionShell;
  #record: SessionRecord;

  constructor(record: SessionRecord, deps: HostSessionDeps) {
    this.#record = record;
    this.#deps = deps;
    this.#shell = deps.shell;
  }

  get name(): string {
    return this.#record.name;
  }

  get target(): string {
    return this.#record.target;
  }

  get address(): string {
    return this.#record.address;
  }

  /** Who the session runs as and where: only the same may use it under its name. */
  get account(): string {
    return this.#record.account;
  }

  get owner(): string | undefined {
    return this.#record.owner;
  }

  get startedAtMs(): number {
    return this.#record.startedAtMs;
  }

  get hostFacts(): string {
    return this.#record.facts;
  }

  get state(): SessionSummary["state"] {
    if (this.#shell.lost !== undefined) return "lost";
    return this.#shell.attached ? "attached" : "detached";
  }

  get lost(): HoldfastError | undefined {
    return this.#shell.lost;
  }

  get directory(): string | undefined {
    return this.#shell.workingDirectory;
  }

  get running(): readonly string[] {
    return this.#shell.commands.running().map((command) => command.id);
  }

  get survives(): SessionView["survives"] {
    const { rung = "host", why = "" } = this.#record;
    return { disconnects: rung === "host", reason: why };
  }

  get record(): SessionRecord {
    return this.#record;
  }

  async attach(): Promise<void> {
    await this.#shell.attach();
  }

  async run(request: RunRequest): Promise<CommandView> {
    const command = await this.#shell.run(request);
    if (command.number >= this.#record.reserved) await this.#reserve(command.number);
    if (request.timeoutMs !== undefined) command.limit(request.timeoutMs);
    return command;
  }

  async command(number: number): Promise<CommandView> {
    return this.#shell.command(number);
  }

  async commands(limit: number): Promise<readonly CommandView[]> {
    if (this.state !== "lost") await this.attach();
    return this.#shell.commands.newest(limit);
  }

  /** Ends it on the host and makes sure that nothing of it stays there. */
  async close(): Promise<CloseReport> {
    const stopped = this.running;
    let left: string | undefined;
    if (this.#shell.lost === undefined) {
      try {
        await this.#shell.quit(quitTimeoutMs);
        left = await this.#remains();
      } catch (error) {
        if (!(error instanceof HoldfastError && error.code === "session_lost")) throw error;
      }
    }
    await this.#shell.detach();
    this.#record = { ...this.#record, closed: true, reserved: Math.max(1, this.#shell.next) };
    await this.#deps.save(this.#record);
    return { session: this.name, stopped, left };
  }

  /** It is gone: only its numbers are remembered. */
  async bury(): Promise<void> {
    await this.#shell.detach();
    const reserved = Math.max(this.#record.reserved, this.#shell.next);
    this.#record = { ...this.#record, closed: true, reserved };
    await this.#deps.save(this.#record);
  }

  async detach(): Promise<void> {
    await this.#shell.detach();
  }

  async #reserve(number: number): Promise<void> {
    this.#record = { ...this.#record, reserved: number + numberBlock };
    await this.#deps.save(this.#record);
  }

  async #remains(): Promise<string | undefined> {
    const { directory } = this.#shell;
    if (directory === "") return undefined;
    const connection = await this.#deps.connect();
    const wait =
      'n=0; while [ -d "$1" ] && [ $n -lt 60 ]; do n=$((n+1)); sleep 0.1 2>/dev/null || sleep 1; done; [ ! -d "$1" ]';
    const gone = await withDeadline(look(connection, `set -- '${directory}'; ${wait}`), quitTimeoutMs + 2000);
    if (gone === timeIsUp || gone.status !== 0) {
      return `${directory} is still on the host: processes of the session do not end`;
    }
    return undefined;
  }
}
