import { oneLine } from "../../base/index.ts";
import type { PaintedScreen, ScreenPart } from "../../screen/index.ts";

/** Room for a program's title in a window's frame. */
const longestTitle = 120;

/** A person's window, in characters. */
export interface WindowSize {
  readonly columns: number;
  readonly rows: number;
}

type Looks = Pick<PaintedScreen, "applicationCursor" | "applicationKeypad" | "bracketedPaste" | "title" | "bells">;

/** As a terminal is before anything has been shown on it. */
const plainLooks: Looks = {
  applicationCursor: false,
  applicationKeypad: false,
  bracketedPaste: false,
  title: "",
  bells: 0,
};

/**
 * What has to be written to a person's terminal so that it shows a screen: everything at first and after a change of size, then what has
 * changed since. However much a program prints between two frames, a frame is no longer than the window is large. Only text, colours, the
 * cursor, the title and the form of keys go there: nothing that comes from the host can make that terminal answer, or do anything else.
 */
export class WindowFrames {
  #size: WindowSize;
  #shown: readonly string[] | undefined;
  #last = "";
  #looks: Looks = plainLooks;
  #part: ScreenPart = { top: 0, left: 0, columns: 0, rows: 0 };

  constructor(size: WindowSize) {
    this.#size = size;
  }

  resize(size: WindowSize): void {
    this.#size = size;
    this.#shown = undefined;
  }

  /** The part of a screen that the window shows: where it is smaller, the one with the cursor. */
  readonly choose = ({ columns, rows, cursor }: Pick<PaintedScreen, "columns" | "rows" | "cursor">): ScreenPart => {
    const { columns: wide, rows: high } = this.#size;
    this.#part = {
      top: beginning(this.#part.top, [high, rows], cursor.row),
      left: beginning(this.#part.left, [wide, columns], cursor.column),
      columns: wide,
      rows: high,
    };
    return this.#part;
  };

  /** What is to be written for `screen`, painted as `choose` wanted; "" where nothing has changed. */
  next(screen: PaintedScreen): string {
    const before = this.#shown;
    const rows = changedRows(before, screen.painted);
    const clear = before === undefined || before.length > screen.painted.length ? "\u001B[0m\u001B[2J" : "";
    const end = cursorText(screen, this.#part);
    const looks = changedLooks(this.#looks, screen);
    if (clear === "" && rows === "" && looks === "" && end === this.#last) return "";
    this.#shown = screen.painted;
    this.#last = end;
    this.#looks = screen;
    const drawn = clear === "" ? rows : changedRows(undefined, screen.painted);
    // Synchronized output: a terminal that knows it shows a frame at once.
    return `\u001B[?2026h\u001B[?25l${looks}${clear}${drawn}${end}\u001B[?2026l`;
  }
}

/** Where the shown part of `[window, whole]` begins so that `cursor` is in it: where it was, if that serves. */
function beginning(before: number, [window, whole]: readonly [number, number], cursor: number): number {
  if (whole <= window) return 0;
  const kept = Math.min(before, whole - window);
  if (cursor < kept) return cursor;
  return cursor >= kept + window ? cursor - window + 1 : kept;
}

function changedRows(before: readonly string[] | undefined, rows: readonly string[]): string {
  return rows
    .map((row, at) => (before !== undefined && row === before[at] ? "" : `\u001B[${at + 1};1H\u001B[0m\u001B[K${row}`))
    .join("");
}

function cursorText({ cursor }: PaintedScreen, { top, left }: ScreenPart): string {
  const place = `\u001B[${cursor.row - top + 1};${cursor.column - left + 1}H`;
  return cursor.shown ? `${place}\u001B[?25h` : place;
}

function changedLooks(before: Looks, now: Looks): string {
  return [
    now.applicationCursor === before.applicationCursor ? "" : mode("?1", now.applicationCursor),
    now.bracketedPaste === before.bracketedPaste ? "" : mode("?2004", now.bracketedPaste),
    now.applicationKeypad === before.applicationKeypad ? "" : `\u001B${now.applicationKeypad ? "=" : ">"}`,
    now.title === before.title ? "" : `\u001B]2;${oneLine(now.title, longestTitle)}\u001B\\`,
    now.bells === before.bells ? "" : "\u0007",
  ].join("");
}

function mode(number: string, on: boolean): string {
  return `\u001B[${number}${on ? "h" : "l"}`;
}
