import { ControlParser } from "./control-parser.ts";

/** A line that can change no more. */
export interface FinishedLine {
  readonly text: string;
  /** The next finished line goes on with the same line: it was too long for one. */
  readonly continues: boolean;
}

/** The line that the cursor is in. */
export interface CurrentLine {
  /** Without blanks behind the cursor; those before it are kept, a prompt may end with one. */
  readonly text: string;
  /** Whether nothing stands at or behind the cursor. */
  readonly cursorAtEnd: boolean;
}

/** Longer lines are handed on in pieces, so that neither memory nor looking at the current line costs more with their length. */
const longestLine = 8_192;

/** A device that asks the terminal without end gets no more answers than these at a time. */
const mostReplies = 16;

/** Marks that reorder text on a screen: hostile where a person or an agent reads. */
const bidi = /[\u200E\u200F\u202A-\u202E\u2066-\u2069]/;

/**
 * What a line-oriented CLI has really written: a terminal of one line. Returns, backspaces, erasing and repainting work in that line, and in the
 * rows into which a line longer than the terminal is broken; a line feed finishes it. Takes any bytes: never throws, memory is bounded.
 */
export class LineScreen {
  readonly #columns: number;
  readonly #decoder = new TextDecoder("utf-8");
  readonly #parser: ControlParser;
  #cells: string[] = [];
  #column = 0;
  /** The last column of a row was written and the next character goes into the next row. */
  #wrapsNext = false;
  /** A return was the last that came. */
  #returned = false;
  #finished: FinishedLine[] = [];
  #replies: string[] = [];
  #above = "";
  #current: CurrentLine | undefined;
  #revision = 0;

  /** `columns` as the device was told. */
  constructor(columns: number) {
    this.#columns = Math.max(2, columns);
    this.#parser = new ControlParser({
      print: (text) => this.#print(text),
      control: (character) => this.#control(character),
      escape: (final) => this.#escape(final),
      sequence: (parameters, final) => this.#sequence(parameters, final),
    });
  }

  /** Draws the next bytes of the device; UTF-8 and sequences may be split anywhere. Returns the lines that they finished. */
  feed(bytes: Uint8Array): readonly FinishedLine[] {
    this.#revision += 1;
    this.#current = undefined;
    this.#parser.feed(this.#decoder.decode(bytes, { stream: true }));
    const finished = this.#finished;
    this.#finished = [];
    return finished;
  }

  /** Goes up with every `feed`. */
  get revision(): number {
    return this.#revision;
  }

  /** The line that the cursor is in. */
  get current(): CurrentLine {
    this.#current ??= this.#look();
    return this.#current;
  }

  /** The text of the line that was finished last: the upper line of prompts that have two. */
  get above(): string {
    return this.#above;
  }

  /** What a terminal has to say to what the device asked it (cursor position, kind of terminal) since the last call; send it. */
  takeReplies(): readonly string[] {
    const replies = this.#replies;
    this.#replies = [];
    return replies;
  }

  #look(): CurrentLine {
    const whole = this.#cells.join("");
    const bare = whole.trimEnd();
    // Cells may hold more than one code unit: what stands before the cursor is measured in cells.
    const before = this.#cells.slice(0, this.#column).join("").length;
    return { text: whole.slice(0, Math.max(bare.length, before)), cursorAtEnd: before >= bare.length };
  }

  #print(text: string): void {
    for (const character of text) if (!bidi.test(character)) this.#put(character);
  }

  #put(character: string): void {
    if (this.#column >= longestLine) this.#finish(true);
    else if (this.#returned && this.#column > 0) this.#leaveBlankRow();
    this.#returned = false;
    while (this.#cells.length < this.#column) this.#cells.push(" ");
    this.#cells[this.#column] = character;
    this.#column += 1;
    this.#wrapsNext = this.#column % this.#columns === 0;
  }

  #finish(continues: boolean): void {
    const whole = this.#cells.join("");
    const text = continues ? whole : whole.trimEnd();
    this.#finished.push({ text, continues });
    this.#above = text;
    this.#cells = [];
    this.#moveTo(0);
  }

  /** Shells fill the rest of a row with blanks and return, so that their prompt begins a row: what stands above is another line. */
  #leaveBlankRow(): void {
    const start = this.#rowStart;
    if (start === 0 || this.#column !== start || this.#cells.slice(start - 2, start).join("") !== "  ") return;
    const row = this.#cells.slice(start);
    this.#cells.length = start;
    this.#finish(false);
    this.#cells = row;
  }

  #moveTo(column: number): void {
    this.#column = column;
    this.#wrapsNext = false;
  }

  /** Where the row of the terminal begins that the cursor is in. */
  get #rowStart(): number {
    const at = this.#wrapsNext ? this.#column - 1 : this.#column;
    return at - (at % this.#columns);
  }

  /** To a column of the row; never out of it. */
  #moveInRow(column: number): void {
    const start = this.#rowStart;
    this.#moveTo(start + Math.min(Math.max(column, 0), this.#columns - 1));
  }

  #moveBy(count: number): void {
    const at = this.#wrapsNext ? this.#column - 1 : this.#column;
    this.#moveInRow(at - this.#rowStart + count);
  }

  #control(character: string): void {
    this.#returned = character === "\r";
    if (character === "\n") this.#finish(false);
    else if (character === "\r") this.#moveInRow(0);
    // Whoever knows the width does not go back over its edge; whoever does not, means the characters that it wrote.
    else if (character === "\b") this.#moveTo(Math.max(0, this.#column - 1));
    else this.#moveBy(8 - (this.#column % 8));
  }

  #escape(final: string): void {
    if (final === "E" || final === "D") this.#finish(false);
    else if (final === "Z") this.#reply("\u001B/Z");
    else if (final === "c") this.#erase(0, this.#cells.length);
  }

  #sequence(parameters: string, final: string): void {
    const [first = "", second = ""] = parameters.split(";");
    const count = Math.max(1, numberOf(first));
    if (final === "n" || final === "c") this.#asked(parameters, final);
    else if (final === "K") this.#eraseInRow(numberOf(first));
    else if (final === "J") this.#eraseInLine(numberOf(first));
    else if (final === "H" || final === "f") this.#moveInRow(numberOf(second) - 1);
    else if ("CaDG`AF".includes(final)) this.#move(final, count);
    else if ("P@X".includes(final)) this.#change(final, Math.min(count, this.#columns));
  }

  #move(final: string, count: number): void {
    if (final === "C" || final === "a") this.#moveBy(count);
    else if (final === "D") this.#moveBy(-count);
    else if (final === "A" || final === "F") this.#moveUp(count, final === "F");
    else this.#moveInRow(count - 1);
  }

  /** Rows above those of this line are finished: the cursor stays in it. */
  #moveUp(rows: number, toStart: boolean): void {
    const start = this.#rowStart;
    const inRow = (this.#wrapsNext ? this.#column - 1 : this.#column) - start;
    this.#moveTo(Math.max(0, start - rows * this.#columns) + (toStart ? 0 : inRow));
  }

  #change(final: string, count: number): void {
    if (final === "P") this.#cells.splice(this.#column, count);
    else if (final === "X") this.#erase(this.#column, Math.min(this.#column + count, this.#cells.length));
    else if (this.#column < this.#cells.length) {
      this.#cells.splice(this.#column, 0, ...Array.from({ length: count }, () => " "));
      this.#cells.length = Math.min(this.#cells.length, longestLine);
    }
  }

  #eraseInRow(part: number): void {
    const start = this.#rowStart;
    const from = part === 0 ? this.#column : start;
    this.#erase(from, part === 1 ? this.#column + 1 : start + this.#columns);
  }

  #eraseInLine(part: number): void {
    this.#erase(part === 0 ? this.#column : 0, part === 1 ? this.#column + 1 : this.#cells.length);
  }

  #erase(from: number, to: number): void {
    if (to >= this.#cells.length) this.#cells.length = Math.min(from, this.#cells.length);
    else this.#cells.fill(" ", from, to);
  }

  #asked(parameters: string, final: string): void {
    if (final === "n" && parameters === "6") this.#reply(`\u001B[1;${(this.#column % this.#columns) + 1}R`);
    else if (final === "n" && parameters === "5") this.#reply("\u001B[0n");
    else if (final === "c" && (parameters === "" || parameters === "0")) this.#reply("\u001B[?1;0c");
  }

  #reply(text: string): void {
    if (this.#replies.length < mostReplies) this.#replies.push(text);
  }
}

function numberOf(text: string): number {
  const value = Number.parseInt(text, 10);
  return Number.isNaN(value) ? 0 : Math.min(value, longestLine);
}
