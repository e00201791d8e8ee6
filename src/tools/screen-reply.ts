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
  const rows = shownRows(view, redact);
  const before = show.from === undefined ? undefined : drawn.rowsAt(show.from);
  drawn.shown(rows);
  const first = firstLine(command, {
    state,
    shown: { stdout: at, stderr: 0 },
    stream: "screen",
    ...(show.waitsForInput === undefined ? {} : { waitsForInput: show.waitsForInput }),
    ...(show.notes === undefined ? {} : { notes: show.notes }),
  });
  const lines = before === undefined ? rows.slice(0, lastUsed(view, rows)) : changedRows(before, rows);
  const head = screenLine(view, before === undefined ? undefined : lines.length);
  const text = fit(lines, Math.max(0, show.maxOutput - first.length - head.length - 2));
  return { text: [first, head, ...text].join("\n"), isError: state.kind === "lost" };
}

/** `screen 120x40 · cursor 5,12 · alternate · title vim`: row and column of the cursor, from 1. */
function screenLine({ columns, rows, cursor, alternate, title }: ScreenView, changed: number | undefined): string {
  const name = oneLine(title, longestTitle);
  return [
    `screen ${columns}x${rows.length}`,
    `cursor ${cursor.row},${cursor.column}`,
    ...(alternate ? ["alternate"] : []),
    ...(name === "" ? [] : [`title ${name}`]),
    ...(changed === undefined ? [] : [changed === 1 ? "1 row changed" : `${changed} rows changed`]),
  ].join(" · ");
}

/** Rows as a reply shows them. A secret may go over several: those become one. */
function shownRows({ rows }: ScreenView, redact: Redact): readonly string[] {
  const lines: ScreenRow[][] = [];
  for (const row of rows) {
    const line = lines.at(-1);
    if (row.wrapped && line !== undefined) line.push(row);
    else lines.push([row]);
  }
  return lines.flatMap((line) => {
    const whole = line.map(({ text }) => text).join("");
    const hidden = redact(whole);
    if (hidden === whole) return line.map(({ text }) => plainText(text));
    return [plainText(hidden), ...line.slice(1).map(() => "")];
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

function fit(lines: readonly string[], budget: number): readonly string[] {
  const shown: string[] = [];
  let left = budget;
  for (const [at, line] of lines.entries()) {
    left -= line.length + 1;
    if (left < 0) return [...shown, `... ${lines.length - at} rows left out`];
    shown.push(line);
  }
  return shown;
}
