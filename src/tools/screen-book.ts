import { Mutex } from "../base/index.ts";
import {
  openScreen,
  type PaintedScreen,
  type ScreenPart,
  type ScreenView,
  type TerminalScreen,
} from "../screen/index.ts";
import type { CommandView, TerminalChange, TerminalSize } from "../sessions/index.ts";

/** Screens that are kept drawn; others are drawn anew when they are wanted. Each takes a megabyte or so. */
const mostScreens = 8;

/** Output is fetched and drawn in pieces of this size. */
const pieceBytes = 65_536;

/** A screen that is further behind than this is drawn from the end only: programs redraw what they show long before. */
const longestReplayBytes = 4_194_304;
const replayBytes = 1_048_576;

/** Screens of one command that callers may ask the changes since. */
const mostSeen = 4;

interface KeptScreen {
  readonly screen: TerminalScreen;
  readonly lock: Mutex;
  /** Bytes of output that are drawn. */
  at: number;
  /** The rows as they were shown, by the offset up to which they were drawn. */
  readonly seen: Map<number, readonly string[]>;
}

/** A screen, and what of the output it shows. */
export interface DrawnScreen {
  readonly view: ScreenView;
  /** Bytes of output that it was drawn from. */
  readonly at: number;
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
    const kept = await this.#screenOf(command, size);
    return kept.lock.run(async () => {
      await catchUp(command, kept);
      const { at, seen } = kept;
      return {
        view: kept.screen.view,
        at,
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
    const kept = await this.#screenOf(command, size);
    return kept.lock.run(async () => {
      await catchUp(command, kept);
      return kept.screen.paint(choose);
    });
  }

  async #screenOf(command: CommandView, size: TerminalSize): Promise<KeptScreen> {
    const screen = this.#kept.get(command)?.screen ?? (await openScreen(size));
    const kept = this.#kept.get(command) ?? { screen, lock: new Mutex(), at: 0, seen: new Map() };
    this.#kept.delete(command);
    this.#kept.set(command, kept);
    for (const [oldest, { screen: old }] of this.#kept) {
      if (this.#kept.size <= mostScreens) break;
      this.#kept.delete(oldest);
      old.close();
    }
    return kept;
  }
}

async function catchUp(command: CommandView, kept: KeptScreen): Promise<void> {
  const sizes = await command.terminalSizes();
  const total = command.stdoutBytes;
  if (total - kept.at > longestReplayBytes) {
    kept.screen.reset();
    kept.at = total - replayBytes;
  }
  for (;;) {
    takeSize(kept, sizes);
    if (kept.at >= total) return;
    const next = sizes.find(({ at }) => at > kept.at)?.at ?? total;
    const { bytes } = await command.read("stdout", kept.at, Math.min(pieceBytes, total - kept.at, next - kept.at));
    if (bytes.length === 0) return;
    await kept.screen.draw(bytes);
    kept.at += bytes.length;
  }
}

/** The size that the terminal had when the next byte came to it. */
function takeSize({ screen, at }: KeptScreen, sizes: readonly TerminalChange[]): void {
  const size = sizes.findLast((change) => change.at <= at)?.size;
  if (size !== undefined) screen.resize(size);
}
