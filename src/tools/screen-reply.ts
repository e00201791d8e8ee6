import { oneLine, plainText } from "../base/index.ts";
import type { ScreenRow, ScreenView } from "../screen/index.ts";
import type { CommandView, TerminalSize } from "../sessions/index.ts";
import { firstLine } from "./first-line.ts";
import type { Redact } from "./gate.ts";
import type { Reply } from "./reply.ts";
import type { DrawnScreen } from "./screen-book.ts";
import type { ToolContext } from "./tool.ts";

/** Room for a program's title. */
const longestTitle = 120;

/** How a screen is to be shown. */
export interface ScreenShow {
  /** Only the rows that have changed since the screen that an earlier reply showed, if that is still known. */
  readonly from?: number | undefined;
  /** So many of the last rows, with those that have left the screen, instead of the screen. */
  readonly tail?: number | undefined;
  readonly maxOutput: number;
  readonly waitsForInput?: boolean;
  readonly notes?: readonly string[];
}

type ScreenContext = Pick<ToolContext, "screens" | "redact">;

/** The screen of a command on a terminal as a reply: state, a line about the screen, its rows. Rejects as reading output does. */
export async function screenReply(
  command: CommandView,
  size: TerminalSize,
  show: ScreenShow,
  context: ScreenContext,
): Promise<Reply> {
  return renderScreen(command, await context.screens.draw(command, size), show, context.redact);
}

/** The same where a program draws the whole screen now (it took the alternate one, or asked for cursor keys in the form that such programs want); undefined for any other, whose output is better read as text. */
export async function fullScreenReply(
  command: CommandView,
  show: ScreenShow,
  context: ScreenContext,
): Promise<Reply | undefined> {
  if (command.terminal === undefined || command.state.kind !== "running") return undefined;
  const drawn = await context.screens.draw(command, command.terminal).catch(() => undefined);
  if (drawn === undefined || !(drawn.view.alternate || drawn.view.applicationCursor)) return undefined;
  return renderScreen(command, drawn, show, context.redact);
}

function renderScreen(command: CommandView, drawn: DrawnScreen, show: ScreenShow, redact: Redact): Reply {
  const { state } = command;
  const { view, at } = drawn;
  const rows = shownRows(view.rows, redact);
  const before = show.from === undefined ? undefined : drawn.rowsAt(show.from);
  drawn.shown(rows);
  const first = firstLine(command, {
    state,
    shown: { stdout: at, stderr: 0 },
    stream: "screen",
    ...(show.waitsForInput === undefined ? {} : { waitsForInput: show.waitsForInput }),
    ...(show.notes === undefined ? {} : { notes: show.notes }),
  });
  const { lines, about } = show.tail === undefined ? linesOf(view, rows, before) : tailOf(drawn, show.tail, redact);
  const head = [screenLine(view), ...about].join(" · ");
  const text = fit(lines, Math.max(0, show.maxOutput - first.length - head.length - 2), show.tail !== undefined);
  return { text: [first, head, ...text].join("\n"), isError: state.kind === "lost" };
}

interface ShownLines {
  readonly lines: readonly string[];
  /** What the line about the screen says of them. */
  readonly about: readonly string[];
}

/** The screen, or what of it has changed. */
function linesOf(view: ScreenView, rows: readonly string[], before: readonly string[] | undefined): ShownLines {
  if (before === undefined) return { lines: rows.slice(0, lastUsed(view, rows)), about: [] };
  const lines = changedRows(before, rows);
  return { lines, about: [lines.length === 1 ? "1 row changed" : `${lines.length} rows changed`] };
}

/** The last `count` rows up to the last that is used. */
function tailOf({ view, last }: DrawnScreen, count: number, redact: Redact): ShownLines {
  const unused = view.rows.length - lastUsed(view, shownRows(view.rows, redact));
  const rows = last(count + unused);
  const lines = shownRows(rows, redact).slice(0, rows.length - unused);
  return { lines, about: [lines.length === 1 ? "its last row" : `its last ${lines.length} rows`] };
}

/** The rows of a screen as lines of text, as its program has printed them and as a reply shows them. */
export function screenLines({ rows }: ScreenView, redact: Redact): readonly string[] {
  const lines: string[] = [];
  for (const { text, wrapped } of rows) {
    if (wrapped && lines.length > 0) lines[lines.length - 1] += text;
    else lines.push(text);
  }
  return lines.map((line) => plainText(redact(line)));
}

/** `screen 120x40 · cursor 5,12 · alternate · title vim`: row and column of the cursor, from 1. */
function screenLine({ columns, rows, cursor, alternate, title }: ScreenView): string {
  const name = oneLine(title, longestTitle);
  return [
    `screen ${columns}x${rows.length}`,
    `cursor ${cursor.row},${cursor.column}`,
    ...(alternate ? ["alternate"] : []),
    ...(name === "" ? [] : [`title ${name}`]),
  ].join(" · ");
}

/** Rows that have not been drawn anew are not looked through anew. Without the blanks that a program may have filled them up with. */
const plainRows = new WeakMap<ScreenRow, string>();

function plainRow(row: ScreenRow): string {
  const known = plainRows.get(row);
  if (known !== undefined) return known;
  const plain = plainText(row.text).trimEnd();
  plainRows.set(row, plain);
  return plain;
}

/** Rows as a reply shows them. A secret may go over several: those become one. */
function shownRows(rows: readonly ScreenRow[], redact: Redact): readonly string[] {
  const lines: ScreenRow[][] = [];
  for (const row of rows) {
    const line = lines.at(-1);
    if (row.wrapped && line !== undefined) line.push(row);
    else lines.push([row]);
  }
  return lines.flatMap((line) => {
    const whole = line.map(({ text }) => text).join("");
    const hidden = redact(whole);
    if (hidden === whole) return line.map(plainRow);
    return [plainText(hidden).trimEnd(), ...line.slice(1).map(() => "")];
  });
}

/** Rows beyond the last one that is used, or holds the cursor, are left out. */
function lastUsed({ cursor }: ScreenView, rows: readonly string[]): number {
  return Math.max(cursor.row, rows.findLastIndex((text) => text !== "") + 1);
}

/** `12| text` for each row that is not what it was. */
function changedRows(before: readonly string[], rows: readonly string[]): readonly string[] {
  return rows.flatMap((text, at) => (text === before[at] ? [] : [`${at + 1}| ${text}`]));
}

/** As many as fit into `budget` characters, from the beginning or, of what is looked back at, from the end. */
function fit(lines: readonly string[], budget: number, fromEnd: boolean): readonly string[] {
  const order = fromEnd ? lines.toReversed() : lines;
  let left = budget;
  const kept = order.findIndex((line) => {
    left -= line.length + 1;
    return left < 0;
  });
  if (kept < 0) return lines;
  const note = `... ${lines.length - kept} rows left out`;
  return fromEnd ? [note, ...lines.slice(lines.length - kept)] : [...lines.slice(0, kept), note];
}
