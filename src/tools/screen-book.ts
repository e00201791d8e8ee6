import { Mutex, monotonicMs } from "../base/index.ts";
import {
  openScreen,
  type PaintedScreen,
  type ScreenPart,
  type ScreenRow,
  type ScreenView,
  type TerminalScreen,
} from "../screen/index.ts";
import type { CommandView, TerminalChange, TerminalSize } from "../sessions/index.ts";

/** Screens that are kept drawn, and the cells that they may have in all (12 bytes each); others are drawn anew when they are wanted. */
const mostScreens = 8;
const mostCells = 8_000_000;

/** Output is fetched in pieces of this size. */
const pieceBytes = 262_144;

/** A screen that is further behind than this is drawn from the end only: programs redraw what they show, and fill what can be looked back at, long before. */
const longestReplayBytes = 8_388_608;
const replayBytes = 2_097_152;

/** So long is drawn for one look, which takes far less for the two megabytes of any program; what only keeps a terminal busy is left out then, but its end. */
const longestDrawMs = 10_000;
const endBytes = 32_768;

/** Of what is left out then the beginning is drawn, if the screen is a new one: there programs say how they want their terminal. */
const openingBytes = 65_536;

/** Ends a sequence of which the rest is left out. */
const cancel = Uint8Array.of(0x18);

/** Sequences and characters are shorter: behind a line's end, or before the beginning of a sequence, none is cut in two. */
const borderBytes = 4_096;

/** Screens of one command that callers may ask the changes since. */
const mostSeen = 4;

interface KeptScreen {
  readonly screen: TerminalScreen;
  readonly lock: Mutex;
  /** Bytes of output that are drawn. */
  at: number;
  /** The rows as they were shown, by the offset up to which they were drawn. */
  readonly seen: Map<number, readonly string[]>;
  /** Who looks at it now: it is not closed under them. */
  users: number;
}

/** A screen, and what of the output it shows. */
export interface DrawnScreen {
  readonly view: ScreenView;
  /** Bytes of output that it was drawn from. */
  readonly at: number;
  /** The last rows, with those that have left the screen as far as they are kept. */
  readonly last: (count: number) => readonly ScreenRow[];
  /** The rows that were shown at an earlier offset, if they are still known. */
  rowsAt(offset: number): readonly string[] | undefined;
  /** Remembers the rows as they are shown now. */
  shown(rows: readonly string[]): void;
}

/** Chooses the part of a screen that is shown, by its size and where its cursor is. */
export type ChoosePart = (screen: Pick<PaintedScreen, "columns" | "rows" | "cursor">) => ScreenPart;

/** The screens of commands on terminals, drawn from their output when they are wanted. */
export class ScreenBook {
  readonly #kept = new Map<CommandView, KeptScreen>();

  /** The screen of a command on a terminal, as of now. Rejects as reading its output does. */
  async draw(command: CommandView, size: TerminalSize): Promise<DrawnScreen> {
    return this.#with(command, size, (kept) => {
      const { at, seen } = kept;
      return {
        view: kept.screen.view,
        at,
        last: (count) => kept.screen.last(count),
        rowsAt: (offset) => seen.get(offset),
        shown: (rows) => {
          seen.delete(at);
          seen.set(at, rows);
          for (const oldest of seen.keys()) if (seen.size > mostSeen) seen.delete(oldest);
        },
      };
    });
  }

  /** What a person sees of the screen as of now, of the part that `choose` wants. Rejects as reading its output does. */
  async paint(command: CommandView, size: TerminalSize, choose: ChoosePart): Promise<PaintedScreen> {
    return this.#with(command, size, ({ screen }) => screen.paint(choose));
  }

  async #with<T>(command: CommandView, size: TerminalSize, look: (kept: KeptScreen) => T): Promise<T> {
    const kept = await this.#screenOf(command, size);
    kept.users += 1;
    this.#letGo();
    try {
      return await kept.lock.run(async () => {
        await catchUp(command, kept);
        return look(kept);
      });
    } finally {
      kept.users -= 1;
    }
  }

  async #screenOf(command: CommandView, size: TerminalSize): Promise<KeptScreen> {
    const opened = this.#kept.has(command) ? undefined : await openScreen(size);
    const known = this.#kept.get(command);
    // Another may have opened it meanwhile.
    if (known !== undefined) opened?.close();
    const screen = known?.screen ?? opened ?? (await openScreen(size));
    const kept = known ?? { screen, lock: new Mutex(), at: 0, seen: new Map<number, readonly string[]>(), users: 0 };
    this.#kept.delete(command);
    this.#kept.set(command, kept);
    return kept;
  }

  /** The newest stays, however large it is, and so do those that are looked at. */
  #letGo(): void {
    let cells = [...this.#kept.values()].reduce((sum, { screen }) => sum + screen.cells, 0);
    for (const [oldest, { screen, users }] of this.#kept) {
      if (this.#kept.size === 1 || (this.#kept.size <= mostScreens && cells <= mostCells)) return;
      if (users > 0) continue;
      cells -= screen.cells;
      this.#kept.delete(oldest);
      screen.close();
    }
  }
}

async function catchUp(command: CommandView, kept: KeptScreen): Promise<void> {
  const sizes = await command.terminalSizes();
  const total = command.stdoutBytes;
  const far = total - kept.at > longestReplayBytes;
  const untilMs = monotonicMs() + longestDrawMs;
  const all = { command, kept, sizes };
  if (far && kept.at === 0) await drawUpTo(all, openingBytes, untilMs);
  if (far) await skip(command, kept, total - replayBytes);
  await drawUpTo(all, total, untilMs);
  if (kept.at < total - endBytes) await skip(command, kept, total - endBytes);
  await drawUpTo(all, total, Number.POSITIVE_INFINITY);
}

interface Drawing {
  readonly command: CommandView;
  readonly kept: KeptScreen;
  readonly sizes: readonly TerminalChange[];
}

async function drawUpTo({ command, kept, sizes }: Drawing, end: number, untilMs: number): Promise<void> {
  for (;;) {
    takeSize(kept, sizes);
    if (kept.at >= end || monotonicMs() > untilMs) return;
    const next = sizes.find(({ at }) => at > kept.at)?.at ?? end;
    const { bytes } = await command.read("stdout", kept.at, Math.min(pieceBytes, end - kept.at, next - kept.at));
    if (bytes.length === 0) return;
    kept.at += await kept.screen.draw(bytes, untilMs);
  }
}

/** Goes on at `to`, or a little later where no sequence is cut in two. */
async function skip(command: CommandView, kept: KeptScreen, to: number): Promise<void> {
  const { bytes } = await command.read("stdout", to, borderBytes);
  const border = bytes.findIndex((byte) => byte === 0x1b || byte === 0x0a);
  await kept.screen.draw(cancel);
  kept.at = to + Math.max(0, border);
}

/** The size that the terminal had when the next byte came to it. */
function takeSize({ screen, at }: KeptScreen, sizes: readonly TerminalChange[]): void {
  const size = sizes.findLast((change) => change.at <= at)?.size;
  if (size !== undefined) screen.resize(size);
}
