/** What a stream of terminal output is made of, in its order. */
export interface ControlSink {
  /** Printable characters. */
  print(text: string): void;
  /** One of BS, TAB, LF, CR. */
  control(character: string): void;
  /** A two-character escape: what follows ESC. */
  escape(final: string): void;
  /** A control sequence: its parameters as sent (`?25`, `1;2`), and its final character. */
  sequence(parameters: string, final: string): void;
}

type State = "text" | "escape" | "charset" | "sequence" | "string";

/** Parameters beyond this mean nothing to anyone; the rest of such a sequence is skipped. */
const longestParameters = 64;

/** A title or another string that has no end by then is none: it may not swallow what follows. */
const longestString = 4_096;

// oxlint-disable-next-line no-control-regex -- control characters are the subject here
const nextControl = /[\u0000-\u001F\u007F-\u009F]/g;

/** C1 controls and the escapes that they stand for. */
const c1Escapes: ReadonlyMap<string, string> = new Map([
  ["\u0084", "D"],
  ["\u0085", "E"],
  ["\u0090", "P"],
  ["\u0098", "X"],
  ["\u009B", "["],
  ["\u009D", "]"],
  ["\u009E", "^"],
  ["\u009F", "_"],
]);

const executed = new Set(["\b", "\t", "\n", "\r"]);

/** Takes terminal output apart: text, controls, escape sequences. Never throws; keeps at most a few KB whatever comes. */
export class ControlParser {
  readonly #sink: ControlSink;
  #state: State = "text";
  #parameters = "";
  #stringLength = 0;

  constructor(sink: ControlSink) {
    this.#sink = sink;
  }

  /** Takes the next piece of the stream; sequences may be split anywhere. */
  feed(text: string): void {
    let at = 0;
    while (at < text.length) {
      if (this.#state === "text") at = this.#takeText(text, at);
      else {
        this.#takeOne(text.charAt(at));
        at += 1;
      }
    }
  }

  #takeText(text: string, at: number): number {
    nextControl.lastIndex = at;
    const found = nextControl.exec(text)?.index ?? text.length;
    if (found > at) this.#sink.print(text.slice(at, found));
    if (found === text.length) return found;
    this.#takeControl(text.charAt(found));
    return found + 1;
  }

  #takeControl(character: string): void {
    if (character === "\u001B") this.#state = "escape";
    else if (executed.has(character)) this.#sink.control(character);
    else {
      const escape = c1Escapes.get(character);
      if (escape !== undefined) this.#takeEscape(escape);
    }
  }

  #takeOne(character: string): void {
    // CAN and SUB end whatever is on its way.
    if (character === "\u0018" || character === "\u001A") this.#state = "text";
    else if (this.#state === "string") this.#takeString(character);
    else if (character === "\u001B") this.#state = "escape";
    else if (executed.has(character)) this.#sink.control(character);
    else if (this.#state === "escape") this.#takeEscape(character);
    else if (this.#state === "sequence") this.#takeSequence(character);
    else this.#state = "text";
  }

  #takeEscape(character: string): void {
    this.#state = "text";
    if (character === "[") {
      this.#state = "sequence";
      this.#parameters = "";
    } else if ("]PX^_".includes(character)) {
      this.#state = "string";
      this.#stringLength = 0;
    } else if ("()*+-./#%& ".includes(character)) this.#state = "charset";
    else this.#sink.escape(character);
  }

  #takeSequence(character: string): void {
    if (character >= "@" && character <= "~") {
      this.#state = "text";
      if (this.#parameters.length <= longestParameters) this.#sink.sequence(this.#parameters, character);
    } else if (character > "~") this.#state = "text";
    else if (this.#parameters.length <= longestParameters) this.#parameters += character;
  }

  #takeString(character: string): void {
    this.#stringLength += 1;
    const ends = character === "\u0007" || character === "\u009C" || this.#stringLength >= longestString;
    if (character === "\u001B") this.#state = "escape";
    else if (ends) this.#state = "text";
  }
}
