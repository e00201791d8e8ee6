import type { IBufferLine, Terminal } from "@xterm/headless";
import { incompleteTail, monotonicMs, processorMs } from "../base/index.ts";
import { boundRepeats } from "./bound-repeats.ts";
import { paintedRow } from "./painted-row.ts";

/** Lines that have left the screen and are kept for whoever looks back, and the cells that they may have in all: each takes 12 bytes. */
const scrollbackLines = 10_000;
const scrollbackCells = 4_000_000;

/** Longer titles are no titles. */
const longestTitle = 200;

/** What draws it knows no narrower one. */
const leastColumns = 2;

/** Bytes that are drawn at once: as many as take some milliseconds, since others have their turn in between. What scrolls all the time is slow. */
const mostAtOnceBytes = 16_384;
const leastAtOnceBytes = 1_024;
const longAtOnceMs = 8;
const shortAtOnceMs = 2;

interface ScreenSize {
  readonly columns: number;
  readonly rows: number;
}

/** DECTCEM: whether the cursor is shown. */
const cursorMode = 25;

/** One row of a screen, without the blanks at its end. */
export interface ScreenRow {
  readonly text: string;
  /** It goes on where the row above ended: the program printed one line. */
  readonly wrapped: boolean;
}

/** A screen as it is at one moment. */
export interface ScreenView {
  readonly columns: number;
  readonly rows: readonly ScreenRow[];
  /** Where the cursor is, counted from 1. */
  readonly cursor: { readonly row: number; readonly column: number };
  /** What the program calls itself; from the host. */
  readonly title: string;
  /** The program draws the whole screen, which is taken back when it ends. */
  readonly alternate: boolean;
  /** The program wants its cursor keys in their other form. */
  readonly applicationCursor: boolean;
  /** The program wants to be told what is pasted and not typed. */
  readonly bracketedPaste: boolean;
}

/** The part of a screen that a window shows. */
export interface ScreenPart {
  readonly top: number;
  readonly left: number;
  readonly columns: number;
  readonly rows: number;
}

/** What a screen looks like, and what its program wants of a terminal, to be shown to a person. */
export interface PaintedScreen {
  readonly columns: number;
  readonly rows: number;
  /** Rows of the part, as text with colours and nothing else. */
  readonly painted: readonly string[];
  /** Counted from 0, in the whole screen. */
  readonly cursor: { readonly row: number; readonly column: number; readonly shown: boolean };
  readonly title: string;
  readonly applicationCursor: boolean;
  readonly applicationKeypad: boolean;
  readonly bracketedPaste: boolean;
  /** How often it has rung. */
  readonly bells: number;
}

/** A terminal's screen, drawn from the bytes that came to it. Bounded in memory, whatever comes; it answers nothing. */
export class TerminalScreen {
  readonly #terminal: Terminal;
  #title = "";
  #bells = 0;
  #cursorShown = true;
  #atOnceBytes = mostAtOnceBytes;
  /** The beginning of a character of which more comes: what draws it loses some that it is given in two pieces, the dash (E2 80 94) for one. */
  #begun: Uint8Array = new Uint8Array();
  /** Until something is drawn. */
  #view: ScreenView | undefined;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
    boundRepeats(terminal);
    terminal.onBell(() => {
      this.#bells += 1;
    });
    for (const [final, shown] of [["h", true] as const, ["l", false] as const]) {
      terminal.parser.registerCsiHandler({ prefix: "?", final }, (numbers) => {
        if (numbers.includes(cursorMode)) this.#cursorShown = shown;
        return false;
      });
    }
    terminal.onTitleChange((title) => {
      // Not a slice, which would keep all of it alive.
      this.#title = Buffer.from(title.slice(0, longestTitle)).toString();
    });
  }

  /** Resolves when the bytes have been drawn, or `untilMs` (by the monotonic clock) has passed: with how many of them are, or wait for the rest of a character. */
  async draw(bytes: Uint8Array, untilMs = Number.POSITIVE_INFINITY): Promise<number> {
    let at = 0;
    while (at < bytes.length) {
      const piece = bytes.subarray(at, at + this.#atOnceBytes);
      const all = this.#begun.length === 0 ? piece : Buffer.concat([this.#begun, piece]);
      const whole = all.length - incompleteTail(all);
      this.#begun = all.subarray(whole);
      const beganMs = processorMs();
      await new Promise<void>((resolve) => {
        this.#terminal.write(all.subarray(0, whole), resolve);
      });
      this.#view = undefined;
      at += piece.length;
      this.#took(processorMs() - beganMs, piece.length);
      if (monotonicMs() > untilMs) break;
    }
    return at;
  }

  /** What comes from now on is drawn for this size; what is there is laid out anew, as in a window that has changed. */
  resize(size: ScreenSize): void {
    const columns = Math.max(leastColumns, size.columns);
    const { cols, rows } = this.#terminal;
    if (cols === columns && rows === size.rows) return;
    this.#view = undefined;
    this.#terminal.options.scrollback = scrollbackOf(columns);
    try {
      this.#terminal.resize(columns, size.rows);
    } catch {
      // One line that goes over tens of thousands of rows is more than can be laid out anew: programs draw anew what they show.
      this.#terminal.reset();
      this.#terminal.resize(columns, size.rows);
    }
  }

  /** The same object as long as nothing is drawn. */
  get view(): ScreenView {
    this.#view ??= this.#seen();
    return this.#view;
  }

  #seen(): ScreenView {
    const { buffer, cols, rows, modes } = this.#terminal;
    const { active } = buffer;
    return {
      columns: cols,
      rows: this.last(rows),
      cursor: { row: active.cursorY + 1, column: active.cursorX + 1 },
      title: this.#title,
      alternate: active.type === "alternate",
      applicationCursor: modes.applicationCursorKeysMode,
      bracketedPaste: modes.bracketedPasteMode,
    };
  }

  /** The part that `choose` wants of a screen of this size with the cursor there (both counted from 0), to be shown to a person. */
  paint(choose: (screen: Pick<PaintedScreen, "columns" | "rows" | "cursor">) => ScreenPart): PaintedScreen {
    const { buffer, cols: columns, rows, modes } = this.#terminal;
    const { active } = buffer;
    const cursor = { row: active.cursorY, column: Math.min(active.cursorX, columns - 1), shown: this.#cursorShown };
    const part = choose({ columns, rows, cursor });
    const scratch = active.getNullCell();
    const last = Math.min(rows, part.top + part.rows);
    const painted: string[] = [];
    for (let at = part.top; at < last; at += 1) {
      const line = active.getLine(active.baseY + at);
      painted.push(line === undefined ? "" : paintedRow(line, [part.left, part.left + part.columns], scratch));
    }
    return {
      columns,
      rows,
      painted,
      cursor,
      title: this.#title,
      applicationCursor: modes.applicationCursorKeysMode,
      applicationKeypad: modes.applicationKeypadMode,
      bracketedPaste: modes.bracketedPasteMode,
      bells: this.#bells,
    };
  }

  /** The last `count` rows, with those that have left the screen as far as they are kept. */
  last(count: number): readonly ScreenRow[] {
    const { buffer, rows } = this.#terminal;
    const { active } = buffer;
    const end = active.baseY + rows;
    const first = Math.max(0, end - count);
    return Array.from({ length: end - first }, (_, at) => rowOf(active.getLine(first + at)));
  }

  /** Cells that it holds: what it costs in memory. */
  get cells(): number {
    const { buffer, cols } = this.#terminal;
    return (buffer.normal.length + buffer.alternate.length) * cols;
  }

  close(): void {
    this.#terminal.dispose();
  }

  /** The next pieces are to take no longer than others can wait. */
  #took(tookMs: number, bytes: number): void {
    if (tookMs > longAtOnceMs) this.#atOnceBytes = Math.max(leastAtOnceBytes, Math.floor(bytes / 2));
    else if (tookMs < shortAtOnceMs) this.#atOnceBytes = Math.min(mostAtOnceBytes, this.#atOnceBytes * 2);
  }
}

function scrollbackOf(columns: number): number {
  return Math.min(scrollbackLines, Math.floor(scrollbackCells / columns));
}

function rowOf(line: IBufferLine | undefined): ScreenRow {
  return line === undefined
    ? { text: "", wrapped: false }
    : { text: line.translateToString(true), wrapped: line.isWrapped };
}

/** An empty screen. What draws it is loaded when the first is wanted: most servers never show one. */
export async function openScreen(size: ScreenSize): Promise<TerminalScreen> {
  const { default: library } = await import("@xterm/headless");
  const columns = Math.max(leastColumns, size.columns);
  const terminal = new library.Terminal({
    cols: columns,
    rows: size.rows,
    scrollback: scrollbackOf(columns),
    allowProposedApi: true,
    // What it says of senseless sequences would stand in our log.
    logLevel: "off",
  });
  return new TerminalScreen(terminal);
}
