import type { IBufferCell, IBufferLine } from "@xterm/headless";
import { plainText } from "../base/index.ts";

/** Switches that are on or off, with the numbers of SGR (ECMA-48) that switch them on. */
const switches = [
  ["isBold", 1],
  ["isDim", 2],
  ["isItalic", 3],
  ["isUnderline", 4],
  ["isBlink", 5],
  ["isInverse", 7],
  ["isInvisible", 8],
  ["isStrikethrough", 9],
  ["isOverline", 53],
] as const;

/** The sixteen colours that have numbers of their own; beyond them a colour is named by its number in the palette. */
const basicColours = 8;
const brightColours = 16;

/** The cells `[from, to)` of a row as text with colours, which begins and ends without any; what is not printable, or turns text around, is left out. */
export function paintedRow(line: IBufferLine, [from, to]: readonly [number, number], scratch: IBufferCell): string {
  const parts: string[] = [];
  let pen = "";
  let blanks = 0;
  for (let at = from; at < Math.min(to, line.length); at += 1) {
    const cell = line.getCell(at, scratch);
    // The second half of a wide character.
    if (cell === undefined || cell.getWidth() === 0) continue;
    const wanted = penOf(cell);
    const shown = at + cell.getWidth() > to ? "" : plainText(cell.getChars());
    // Blanks at the end are left out.
    if (shown === "" && wanted === "") {
      blanks += 1;
      continue;
    }
    if (blanks > 0) {
      parts.push(pen === "" ? "" : "\u001B[0m", " ".repeat(blanks));
      pen = "";
      blanks = 0;
    }
    parts.push(wanted === pen ? "" : `\u001B[0${wanted}m`, shown === "" ? " " : shown);
    pen = wanted;
  }
  return pen === "" ? parts.join("") : `${parts.join("")}\u001B[0m`;
}

/** The numbers of SGR, each with a semicolon before it; "" for text as it is without any. */
function penOf(cell: IBufferCell): string {
  if (cell.isAttributeDefault()) return "";
  const on = switches.filter(([name]) => cell[name]() !== 0).map(([, number]) => number);
  return [...on, ...foreground(cell), ...background(cell)].map((number) => `;${number}`).join("");
}

function foreground(cell: IBufferCell): readonly number[] {
  if (cell.isFgDefault()) return [];
  return colour(cell.getFgColor(), cell.isFgRGB(), [30, 90, 38]);
}

function background(cell: IBufferCell): readonly number[] {
  if (cell.isBgDefault()) return [];
  return colour(cell.getBgColor(), cell.isBgRGB(), [40, 100, 48]);
}

function colour(
  value: number,
  exact: boolean,
  [basic, bright, extended]: readonly [number, number, number],
): readonly number[] {
  if (exact) return [extended, 2, (value >> 16) & 0xff, (value >> 8) & 0xff, value & 0xff];
  if (value < basicColours) return [basic + value];
  return value < brightColours ? [bright + value - basicColours] : [extended, 5, value];
}
