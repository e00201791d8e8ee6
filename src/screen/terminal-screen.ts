import type { IBufferLine, Terminal } from "@xterm/headless";
import { paintedRow } from "./painted-row.ts";

/** Lines that have left the screen and are kept, for programs that look back. */
const scrollbackLines = 1_000;

/** Longer titles are no titles. */
const longestTitle = 200;

/** What draws it knows no narrower one. */
const leastColumns = 2;

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

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
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
      this.#title = title.slice(0, longestTitle);
    });
  }

  /** Resolves when the bytes have been drawn. */
  draw(bytes: Uint8Array): Promise<void> {
    return new Promise((resolve) => {
      this.#terminal.write(bytes, resolve);
    });
  }

  /** What comes from now on is drawn for this size; what is there is laid out anew, as in a window that has changed. */
  resize(size: ScreenSize): void {
    const columns = Math.max(leastColumns, size.columns);
    const { cols, rows } = this.#terminal;
    if (cols !== columns || rows !== size.rows) this.#terminal.resize(columns, size.rows);
  }

  /** As it was in the beginning. */
  reset(): void {
    this.#terminal.reset();
    this.#title = "";
    this.#cursorShown = true;
  }

  get view(): ScreenView {
    const { buffer, cols, rows, modes } = this.#terminal;
    const { active } = buffer;
    const lines = Array.from({ length: rows }, (_, at) => rowOf(active.getLine(active.baseY + at)));
    return {
      columns: cols,
      rows: lines,
      cursor: { row: active.cursorY + 1, column: active.cursorX + 1 },
      title: this.#title,
      alternate: active.type === "alternate",
      applicationCursor: modes.applicationCursorKeysMode,
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

  close(): void {
    this.#terminal.dispose();
  }
}

function rowOf(line: IBufferLine | undefined): ScreenRow {
  return line === undefined
    ? { text: "", wrapped: false }
    : { text: line.translateToString(true), wrapped: line.isWrapped };
}

/** An empty screen. What draws it is loaded when the first is wanted: most servers never show one. */
export async function openScreen(size: ScreenSize): Promise<TerminalScreen> {
  const { default: library } = await import("@xterm/headless");
  const terminal = new library.Terminal({
    cols: Math.max(leastColumns, size.columns),
    rows: size.rows,
    scrollback: scrollbackLines,
    allowProposedApi: true,
  });
  return new TerminalScreen(terminal);
}
