import { HoldfastError, messageOf, timeIsUp, withDeadline } from "../base/index.ts";
import type { SshConnection } from "../ssh/index.ts";
import type { HostCommand } from "./commands/host-command.ts";
import type { CopyHost } from "./copy/open-side.ts";
import { FileAccess } from "./files/file-access.ts";
import { keyMark } from "./host-shell/key-mark.ts";
import type { DistantProcess } from "./host-shell/out-of-reach.ts";
import { remainsOf } from "./host-shell/remains.ts";
import type { CloseReport, CommandView, RunRequest, SessionSummary, SessionView, TerminalSize } from "./session-api.ts";
import type { SessionRecord } from "./session-record.ts";
import type { SessionShell } from "./shells/session-shell.ts";
import { Elevation } from "./sudo/elevation.ts";

/** Numbers are reserved on disk in blocks, so that a lost session's numbers are not given again and a command costs no write. */
export const numberBlock = 1000;

/** How long the host may take to say that it ends a session: longer than noticing that the link is dead takes. */
const quitTimeoutMs = 10_000;

/** A session that is closed by force may take this long to end properly; then it is only forgotten. */
const forceTimeoutMs = 15_000;

/** Commands of the past that are read again for a list; each takes a channel and some ms. */
const mostPuzzles = 8;

/** Errors that say that a session is not on its host any more. */
const goneCodes: readonly string[] = ["session_lost", "session_unknown"];

export interface HostSessionDeps {
  readonly shell: SessionShell;
  connect(): Promise<SshConnection>;
  /** Writes the record anew. */
  save(record: SessionRecord): Promise<void>;
  /** Throws `denied_by_policy` where the settings say that its files are not to be written. */
  refuseWrites(): Promise<void>;
  directPlace: CopyHost["directPlace"];
  /** Whether its address is for nobody to see. */
  hidesAddress(): boolean;
}

/** One session on one host. */
export class HostSession implements SessionView {
  readonly #deps: HostSessionDeps;
  readonly #shell: SessionShell;
  readonly files: FileAccess;
  #record: SessionRecord;
  notes: string | undefined;
  /** Whoever uses the session here has been told what carries it. */
  #announced = false;

  constructor(record: SessionRecord, deps: HostSessionDeps) {
    this.#record = record;
    this.#deps = deps;
    this.#shell = deps.shell;
    this.files = new FileAccess({
      connect: () => deps.connect(),
      directory: () => this.#directoryNow(),
      elevation: () => this.#elevationNow(),
      refuseWrites: () => deps.refuseWrites(),
      windows: this.#onWindows,
    });
  }

  get name(): string {
    return this.#record.name;
  }

  get target(): string {
    return this.#record.target;
  }

  get address(): string {
    return this.#deps.hidesAddress() ? this.#record.target : this.#record.address;
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

  get remark(): string | undefined {
    return this.#shell.remark;
  }

  get floor(): string | undefined {
    return this.#shell.floor;
  }

  get survives(): SessionView["survives"] {
    const { rung = "host", why = "" } = this.#record;
    return { disconnects: rung === "host", reason: why };
  }

  get record(): SessionRecord {
    return this.#record;
  }

  get #onWindows(): boolean {
    return this.#record.rung === "windows";
  }

  /** It as an end of a copy. */
  get copyHost(): CopyHost {
    return {
      name: this.name,
      secret: this.#record.key,
      windows: this.#onWindows,
      connect: () => this.#deps.connect(),
      directory: () => this.#directoryNow(),
      elevation: () => this.#elevationNow(),
      refuseWrites: () => this.#deps.refuseWrites(),
      directPlace: () => this.#deps.directPlace(),
      stand: async (text) => {
        const request = { command: text, background: true };
        const own = this.#shell.standIn?.(text);
        return own === undefined ? this.run(request) : this.started(own, request);
      },
    };
  }

  async attach(): Promise<void> {
    await this.#shell.attach();
  }

  async run(request: RunRequest): Promise<CommandView> {
    return this.started(await this.#shell.run(request), request);
  }

  /** Takes over a command that was just started with `request` in the session's shell. */
  async started(command: HostCommand, request: RunRequest): Promise<CommandView> {
    if (command.number >= this.#record.reserved) await this.#reserve(command.number);
    const limitMs = request.timeoutMs ?? this.#record.commandTimeoutMs;
    if (limitMs !== undefined) command.limit(limitMs);
    const { disconnects, reason } = this.survives;
    if (!disconnects && !this.#announced) command.life.note(`survives disconnects: no (${reason})`);
    this.#announced = true;
    if (command.terminal !== undefined) command.hold.survives(disconnects);
    return command;
  }

  async earlier(request: RunRequest): Promise<CommandView | undefined> {
    const mark = keyMark(request);
    const command = mark === undefined ? undefined : await this.#shell.earlier?.(mark);
    if (request.timeoutMs !== undefined) command?.limit(Math.max(0, request.timeoutMs - command.durationMs));
    return command;
  }

  async watchLine(size: TerminalSize): Promise<CommandView | undefined> {
    const command = await this.#shell.watchLine?.(size);
    if (command !== undefined && command.number >= this.#record.reserved) await this.#reserve(command.number);
    return command;
  }

  async command(number: number): Promise<CommandView> {
    return this.#shell.command(number);
  }

  async commands(limit: number): Promise<readonly CommandView[]> {
    if (this.state !== "lost" && this.survives.disconnects) await this.attach();
    await this.#solvePuzzles();
    return this.#shell.commands.newest(limit);
  }

  /** Commands of which nobody noted how they ended are read again; of those that are not kept any more nobody can know. */
  async #solvePuzzles(): Promise<void> {
    const { commands } = this.#shell;
    for (const number of commands.puzzling(mostPuzzles)) {
      try {
        await this.#shell.command(number);
      } catch (error) {
        if (error instanceof HoldfastError && error.code === "output_gone") commands.unsolved(number, error.message);
      }
    }
  }

  /** Ends it on the host and makes sure that nothing of it stays there; with `force` it is closed here whatever the host says. */
  async close(force = false): Promise<CloseReport> {
    if (force) return this.#closeAnyway();
    this.files.close();
    const ended = await this.#end();
    await this.#shell.detach();
    this.#record = { ...this.#record, closed: true, reserved: Math.max(1, this.#shell.next) };
    await this.#deps.save(this.#record);
    return { session: this.name, ...ended };
  }

  async #end(): Promise<Omit<CloseReport, "session" | "tunnels">> {
    if (this.#shell.lost !== undefined) return { stopped: [], left: undefined };
    try {
      // What runs there is known for sure only to one who is attached.
      await this.attach();
      const stopped = this.running;
      const { unfinished } = this.#shell;
      const distant = (await this.#shell.quit(quitTimeoutMs)) ?? [];
      return { stopped, unfinished, ...(await this.#remains(distant)) };
    } catch (error) {
      // It is not there: it was gone before, or has gone while a link died that was to tell so.
      const gone = error instanceof HoldfastError && goneCodes.includes(error.code);
      if (gone) return { stopped: [], left: undefined };
      throw error;
    }
  }

  async #closeAnyway(): Promise<CloseReport> {
    const running = this.running;
    const outcome = await withDeadline(
      this.close().catch((error: unknown) => messageOf(error)),
      forceTimeoutMs,
    );
    if (typeof outcome === "object") return outcome;
    await this.bury();
    const why = outcome === timeIsUp ? "the host did not answer in time" : outcome;
    const commands = running.length === 0 ? "" : `, and so may ${running.join(", ")}`;
    return { session: this.name, stopped: [], left: `${why}; the session may still be there${commands}` };
  }

  /** It is gone: only its numbers are remembered. */
  async bury(): Promise<void> {
    this.files.close();
    await this.#shell.detach();
    const reserved = Math.max(this.#record.reserved, this.#shell.next);
    this.#record = { ...this.#record, closed: true, reserved };
    await this.#deps.save(this.#record);
  }

  async detach(): Promise<void> {
    this.files.close();
    await this.#shell.detach();
  }

  /** Known to whoever is attached. */
  async #directoryNow(): Promise<string | undefined> {
    if (this.directory === undefined) await this.attach();
    return this.directory;
  }

  /** Whoever is attached hears when sudo asks for a password. */
  async #elevationNow(): Promise<Elevation> {
    const { elevation } = this.#shell;
    if (elevation === undefined) return new Elevation({ directory: () => "", idle: () => false, ask: {} });
    await this.attach();
    return elevation;
  }

  async #reserve(number: number): Promise<void> {
    this.#record = { ...this.#record, reserved: number + numberBlock };
    await this.#deps.save(this.#record);
  }

  async #remains(distant: readonly DistantProcess[]): Promise<Pick<CloseReport, "left" | "outOfReach">> {
    const { directory } = this.#shell;
    if (directory === "") return { left: undefined };
    const { gone, pids } = await remainsOf(() => this.#deps.connect(), directory, distant);
    const left = gone ? undefined : `${directory} is still on the host: processes of the session do not end`;
    return { left, ...(pids.length === 0 ? {} : { outOfReach: { target: this.target, pids } }) };
  }
}
