import { HoldfastError, asHoldfastError, delay, renderError, withDeadline } from "../../base/index.ts";
import type { CommandView, TerminalSize } from "../../sessions/index.ts";
import { stateWord } from "../first-line.ts";
import type { Recorder } from "../recording/recorder.ts";
import type { ScreenBook } from "../screen-book.ts";
import { floorOf, type FloorBook } from "./floor-book.ts";
import { followOutput } from "./follow-output.ts";
import type { TellNews, WatchRequest, WatchedCommand } from "./watch-api.ts";
import type { WindowSizes } from "./window-sizes.ts";
import { WindowFrames, type WindowSize } from "./window-frames.ts";

/** Between two frames: more of them nobody sees. */
const framePeriodMs = 33;

/** A wait for a change is begun anew after this time; nothing hangs on it. */
const lookAgainMs = 10_000;

/** Typed ahead of a program that does not read: more than anybody pastes; the rest is dropped, which is told. */
const mostTypedAhead = 262_144;

/** Whoever leaves waits this long for what they have typed to be on its way. */
const leaveMs = 3_000;

/** What watching needs of the process that it happens in. */
export interface WatchParts {
  readonly screens: ScreenBook;
  readonly floors: FloorBook;
  readonly sizes: WindowSizes;
  readonly recorder: Recorder;
}

/** Told when somebody has left. */
type OnLeft = () => void;

type ViewRequest = Pick<WatchRequest, "window" | "tailBytes" | "from" | "readOnly" | "giveBackMs">;

/** A command as one person watches it. */
export class WatchedView implements WatchedCommand {
  readonly fresh: boolean;
  readonly #command: CommandView;
  readonly #parts: WatchParts;
  readonly #request: ViewRequest;
  readonly #typist = Symbol("person");
  readonly #frames: WindowFrames | undefined;
  /** Aborts when there is reason to draw though nothing has come. */
  #nudge = new AbortController();
  #window: WindowSize | undefined;
  #typed = "";
  #typing: Promise<void> = Promise.resolve();
  #tell: TellNews = async () => undefined;
  #closed = false;
  readonly #left: OnLeft | undefined;

  constructor(
    command: CommandView,
    request: ViewRequest & { readonly fresh: boolean; readonly left?: OnLeft },
    parts: WatchParts,
  ) {
    this.#command = command;
    this.#parts = parts;
    this.#request = request;
    this.fresh = request.fresh;
    this.#left = request.left;
    this.#window = request.window;
    if (request.window !== undefined && command.terminal !== undefined) this.#frames = new WindowFrames(request.window);
  }

  get id(): string {
    // A device's line outlives the look at it.
    return this.#left === undefined ? this.#command.id : this.#floor;
  }

  get #floor(): string {
    return floorOf(this.#command);
  }

  get text(): string {
    return this.#command.text;
  }

  get onTerminal(): boolean {
    return this.#command.terminal !== undefined;
  }

  get running(): boolean {
    return this.#command.state.kind === "running";
  }

  get ending(): string {
    const { state } = this.#command;
    return state.kind === "lost" ? `lost: ${state.reason}` : stateWord(state);
  }

  get exitStatus(): number | undefined {
    const { state } = this.#command;
    return state.kind === "exited" ? state.status : undefined;
  }

  async follow(tell: TellNews, signal: AbortSignal): Promise<void> {
    this.#tell = tell;
    const over = new AbortController();
    const both = AbortSignal.any([signal, over.signal]);
    const floor = this.#followFloor(both);
    try {
      const { terminal } = this.#command;
      if (this.#frames !== undefined && terminal !== undefined) {
        // It is shown as it is meanwhile.
        void this.#countWindow();
        await this.#followScreen(this.#frames, tell, signal);
      } else {
        const { tailBytes, from, window } = this.#request;
        await followOutput(this.#command, { tell, signal, tailBytes, from, forEyes: window !== undefined });
      }
    } finally {
      over.abort();
      await floor;
    }
  }

  type(text: string): Promise<void> {
    if (this.#request.readOnly) return Promise.resolve();
    if (this.#typed.length + text.length > mostTypedAhead) {
      return this.#say("the program does not read what is typed; the rest was dropped");
    }
    const first = this.#typed === "";
    this.#typed += text;
    if (first) {
      // What is typed meanwhile goes with it: each piece costs a round trip.
      this.#do(async () => {
        const all = this.#typed;
        this.#typed = "";
        await this.#command.input(all);
      });
    }
    return this.#typing;
  }

  eof(): Promise<void> {
    if (!this.#request.readOnly) this.#do(() => this.#command.eof());
    return this.#typing;
  }

  resize(window: WindowSize): void {
    this.#window = window;
    this.#frames?.resize(window);
    this.#wake();
    void this.#countWindow();
  }

  takeFloor(): void {
    if (this.#request.readOnly) return;
    this.#parts.floors.take(this.#floor, this.#typist, true);
    this.#keepFloor();
  }

  giveFloor(): void {
    // Behind what was typed before, which would take it again.
    this.#typing = this.#typing.then(() => this.#parts.floors.giveBack(this.#floor, this.#typist));
  }

  async close(): Promise<void> {
    const first = !this.#closed;
    this.giveFloor();
    await withDeadline(this.#typing, leaveMs);
    this.#closed = true;
    this.#parts.floors.giveBack(this.#floor, this.#typist);
    await withDeadline(this.#parts.sizes.leave(this.#command, this.#typist), leaveMs).catch(() => undefined);
    if (first) this.#left?.();
  }

  /** The terminal becomes as large as the window, if nothing hinders it: else the window shows a part of it. */
  async #countWindow(): Promise<void> {
    const { readOnly } = this.#request;
    if (readOnly || this.#closed || this.#frames === undefined || this.#window === undefined) return;
    await this.#parts.sizes.count(this.#command, this.#typist, this.#window).catch(() => undefined);
    this.#wake();
  }

  /** Types when all that was typed before is on its way. */
  #do(type: () => Promise<void>): void {
    const { floors } = this.#parts;
    const had = floors.standing(this.#floor, this.#typist) === "yours";
    // The floor is taken at the first key, not when earlier typing is through.
    const taken = floors.take(this.#floor, this.#typist);
    if (taken && !had) void this.#countWindow();
    this.#keepFloor();
    this.#typing = this.#typing.then(async () => {
      try {
        const typed = taken && !this.#closed && (await floors.typeForPerson(this.#floor, this.#typist, type));
        if (typed) return;
        this.#typed = "";
        await this.#say("another person types; nothing of yours was typed");
      } catch (thrown) {
        this.#typed = "";
        const ended = thrown instanceof HoldfastError && thrown.code === "stdin_closed";
        if (!ended) await this.#say(renderError(asHoldfastError(thrown)));
      }
    });
  }

  #keepFloor(): void {
    const { giveBackMs } = this.#request;
    if (giveBackMs !== undefined) this.#parts.floors.giveBackAfter(this.#floor, this.#typist, giveBackMs);
  }

  async #say(text: string): Promise<void> {
    await this.#tell({ kind: "said", text });
  }

  async #followScreen(frames: WindowFrames, tell: TellNews, signal: AbortSignal): Promise<void> {
    const command = this.#command;
    while (!signal.aborted) {
      // Asked before the screen is drawn: what an ended command has printed is all there.
      const { running } = this;
      const seen = command.stdoutBytes;
      const nudge = this.#nudge.signal;
      const screen = await this.#parts.screens.paint(command, sizeOf(command), frames.choose);
      const text = frames.next(screen);
      if (text !== "") await tell({ kind: "frame", text });
      if (!running) return;
      if (command.stdoutBytes === seen) await command.changed(lookAgainMs, AbortSignal.any([signal, nudge]));
      else await delay(framePeriodMs, signal);
    }
  }

  async #followFloor(signal: AbortSignal): Promise<void> {
    const { floors } = this.#parts;
    let told: string | undefined;
    const look = (): void => {
      const whose = floors.standing(this.#floor, this.#typist);
      if (whose === told) return;
      told = whose;
      void this.#tell({ kind: "floor", whose });
    };
    look();
    await floors.watch(this.#floor, look, signal);
  }

  #wake(): void {
    const before = this.#nudge;
    this.#nudge = new AbortController();
    before.abort();
  }
}

function sizeOf({ terminal }: CommandView): TerminalSize {
  return terminal ?? { columns: 80, rows: 24 };
}
