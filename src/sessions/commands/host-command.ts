import { HoldfastError, after, monotonicMs } from "../../base/index.ts";
import type {
  CommandState,
  CommandView,
  OutputSlice,
  OutputStream,
  StopSignal,
  TerminalChange,
  TerminalSize,
} from "../session-api.ts";
import { TerminalHold } from "../terminals/terminal-hold.ts";
import { TerminalSizes } from "../terminals/terminal-sizes.ts";
import { readTerminalText } from "../terminals/terminal-text.ts";
import type { CommandControls, CommandFacts } from "./command-controls.ts";
import { CommandLife } from "./command-life.ts";
import { copyMark } from "./copy-mark.ts";
import { newStream, placeOf, type StreamState } from "./stream-state.ts";

/** How long a command may take to end of TERM before KILL follows. */
const killAfterMs = 5000;

/** Of the text of a command that is not among the newest; the host's log has as much of each. */
const oldTextBytes = 200;

/** A command in a host shell: what is known of it here, and the way to the rest. */
export class HostCommand implements CommandView {
  readonly id: string;
  readonly number: number;
  /** The spools that hold its output: an epoch of the session shell's, or "own" for a command beside the shell. */
  readonly epoch: number | "own";
  readonly life: CommandLife;
  /** It was fed or given its end of file: the session needs a new stdin after it. */
  stdinUsed = false;
  stdinClosed: boolean;
  /** Who types is settled under this name, where it shares its terminal with other commands. */
  floor: string | undefined;
  directory: string | undefined;
  readonly #sizes: TerminalSizes;
  movedMs = monotonicMs();
  readonly hold = new TerminalHold();
  #text: string;
  readonly #controls: CommandControls;
  readonly #streams: { readonly stdout: StreamState; readonly stderr: StreamState };
  readonly #waits = new Set<{ readonly what: string }>();
  #status: number | undefined;

  constructor(about: CommandFacts, controls: CommandControls) {
    this.id = `${about.session}/${about.number}`;
    this.number = about.number;
    this.#text = about.text;
    this.#sizes = new TerminalSizes(about.terminal);
    this.epoch = about.epoch;
    this.stdinClosed = about.stdinGiven;
    this.life = new CommandLife(about.startedAtMs);
    this.#controls = controls;
    this.#streams = { stdout: newStream(), stderr: newStream() };
  }

  get text(): string {
    return this.#text;
  }

  get terminal(): TerminalSize | undefined {
    return this.#sizes.newest;
  }

  get state(): CommandState {
    return this.life.state;
  }

  get startedAtMs(): number {
    return this.life.startedAtMs;
  }

  get durationMs(): number {
    return this.life.durationMs;
  }

  get notes(): readonly string[] {
    const lateBytes = this.#streams.stdout.lateBytes + this.#streams.stderr.lateBytes;
    const { terminal, hold } = this;
    const size = terminal === undefined ? "" : `terminal ${terminal.columns}x${terminal.rows}, `;
    const notes = [...this.life.notes, ...(hold.words === undefined ? [] : [`${size}${hold.words}`])];
    if (lateBytes === 0) return notes;
    return [...notes, `late output of a background job: ${lateBytes} bytes`];
  }

  get stdoutBytes(): number {
    return this.#streams.stdout.window.total;
  }

  get stderrBytes(): number {
    return this.#streams.stderr.window.total;
  }

  /** Both streams are complete (as far as the command itself is concerned). */
  get streamsEnded(): boolean {
    return this.#streams.stdout.ended && this.#streams.stderr.ended;
  }

  get status(): number | undefined {
    return this.#status;
  }

  get waitingFor(): string | undefined {
    return this.life.running ? [...this.#waits][0]?.what : undefined;
  }

  get question(): string | undefined {
    return this.life.question;
  }

  /** A person is asked on its behalf, until the returned function is called. */
  waitsFor(what: string): () => void {
    const wait = { what };
    this.#waits.add(wait);
    this.life.touched();
    return () => {
      this.#waits.delete(wait);
      this.life.touched();
    };
  }

  streamBegins(stream: OutputStream, offset: number): void {
    this.#streams[stream].begins ??= offset;
  }

  /** Bytes that the command, or a background job of it, has printed; `file`: where in the spool file they are. */
  output(stream: OutputStream, bytes: Uint8Array, file?: number): void {
    const state = this.#streams[stream];
    const at = state.window.total;
    if (file !== undefined && file !== placeOf(state, at)) state.jumps.push({ at, file });
    if (state.ended) state.lateBytes += bytes.length;
    state.window.append(bytes);
    this.movedMs = monotonicMs();
    this.life.touched();
  }

  streamEnds(stream: OutputStream): void {
    this.#streams[stream].ended = true;
    this.#settle();
  }

  /** A place in the spool file as an offset in the command's own stream. */
  streamOffset(stream: OutputStream, fileOffset: number): number {
    return fileOffset - (this.#streams[stream].begins ?? 0);
  }

  /** Runs, or ran, beside the session shell. */
  get beside(): boolean {
    return this.epoch === "own";
  }

  /** Sizes of both streams, of which no bytes were told. */
  grewTo(stream: OutputStream, total: number): void {
    const { window } = this.#streams[stream];
    if (total > window.total) this.movedMs = monotonicMs();
    window.grewTo(total);
    this.life.touched();
  }

  hasEnded(stream: OutputStream): boolean {
    return this.#streams[stream].ended;
  }

  /** The first word counts: a status once told is not changed. */
  statusIs(status: number): void {
    this.#status ??= status;
    this.#settle();
  }

  /** What the host's log says of a command that another process started. */
  learn(logged: string, startedAtMs: number): void {
    const { text, terminal, lent = false } = readTerminalText(logged) ?? { text: logged, terminal: undefined };
    if (lent) this.hold.somewhere(this.life);
    if (this.#text === "") this.#text = text;
    this.#sizes.beganWith(terminal);
    this.life.beganAt(startedAtMs);
  }

  lost(reason: string): void {
    this.life.lost(reason);
  }

  /** Keeps only the numbers and the beginning of the text: output is fetched from the host from now on. */
  forgetOutput(): void {
    // Not a slice, which would keep the whole text alive.
    if (this.#text.length > oldTextBytes) this.#text = Buffer.from(this.#text).toString("utf8", 0, oldTextBytes);
    this.#streams.stdout.window.forget();
    this.#streams.stderr.window.forget();
  }

  async read(stream: OutputStream, from: number, limit: number): Promise<OutputSlice> {
    const state = this.#streams[stream];
    const { window } = state;
    const start = Math.max(0, Math.min(from, window.total));
    const wanted = Math.min(limit, window.total - start);
    const near = window.slice(start, wanted);
    if (near !== undefined) return { from: start, bytes: near };
    const jump = state.jumps.find(({ at }) => at > start);
    const together = jump === undefined ? wanted : Math.min(wanted, jump.at - start);
    const bytes = await this.#controls.fetch(this, stream, placeOf(state, start), together);
    return { from: start, bytes };
  }

  async ended(limitMs: number, signal?: AbortSignal, orAsks = false): Promise<void> {
    await this.#watched(() => this.life.ended(limitMs, signal, orAsks));
  }

  async changed(limitMs: number, signal?: AbortSignal): Promise<void> {
    await this.#watched(() => this.life.changed(limitMs, signal));
  }

  async confirmed(limitMs: number, signal?: AbortSignal): Promise<boolean> {
    if (!this.life.running || this.#controls.confirm === undefined) return true;
    return this.#controls.confirm(this, limitMs, signal);
  }

  async input(text: string): Promise<void> {
    this.#checkOpen();
    await this.#controls.input(this, text);
    this.movedMs = monotonicMs();
  }

  async eof(): Promise<void> {
    this.#checkOpen();
    // What its driver takes for the end of input; it may come more than once.
    if (this.terminal !== undefined) return this.#controls.input(this, "\u0004");
    await this.#controls.eof(this);
  }

  terminalSizes(): Promise<readonly TerminalChange[]> {
    return this.#sizes.all(async () => (await this.#controls.sizes?.(this)) ?? []);
  }

  /** Another process may have given its terminal another size. */
  forgetSizes(): void {
    this.#sizes.forget();
  }

  async resize(size: TerminalSize): Promise<void> {
    this.#checkOpen();
    if (this.terminal === undefined || this.#controls.resize === undefined) {
      throw new HoldfastError("unsupported", `${this.id} has no terminal whose size could be changed`, {
        hint: "Run the command with pty: true",
      });
    }
    await this.terminalSizes();
    this.#sizes.changed(await this.#controls.resize(this, size));
    this.movedMs = monotonicMs();
    this.life.touched();
  }

  async waitsForInput(): Promise<boolean> {
    if (!this.life.running || this.stdinClosed || this.#text.startsWith(copyMark)) return false;
    return this.question !== undefined || this.#controls.waitsForInput(this);
  }

  async outOfReach(): Promise<readonly number[]> {
    return (await this.#controls.outOfReach?.(this)) ?? [];
  }

  async stop(signal: StopSignal): Promise<void> {
    if (this.life.running) await this.#controls.stop(this, signal);
  }

  /** Ends the command if it still runs after `limitMs`: TERM, then KILL after 5 s. Where its host does so by itself, only if that fails. */
  limit(limitMs: number): void {
    this.life.limitedTo(limitMs);
    const cancel = after(limitMs + (this.#controls.limitGraceMs ?? 0), () => {
      if (!this.life.running) return;
      this.life.timeIsUp();
      this.#endByForce().catch(() => undefined);
    });
    this.life.ended(Number.MAX_SAFE_INTEGER).then(cancel, cancel);
  }

  async #watched(wait: () => Promise<void>): Promise<void> {
    const unwatch = this.#controls.watch(this);
    await wait().finally(unwatch);
  }

  async #endByForce(): Promise<void> {
    await this.stop("TERM");
    await this.life.ended(killAfterMs);
    await this.stop("KILL");
  }

  #checkOpen(): void {
    if (this.life.running && !this.stdinClosed) return;
    const why = this.life.running ? "has had the end of its input" : "has ended, nothing reads its input";
    throw new HoldfastError("stdin_closed", `${this.id} ${why}`, { hint: "Start a new command with ssh_run" });
  }

  #settle(): void {
    if (this.#status !== undefined && this.streamsEnded) this.life.exited(this.#status);
    else this.life.touched();
  }
}
