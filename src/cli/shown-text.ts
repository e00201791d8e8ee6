import { StringDecoder } from "node:string_decoder";

/** What a person's terminal may be told beside text: colours, and where lines end. */
const sequences =
  // oxlint-disable-next-line no-control-regex -- control characters are the subject here
  /\u001B(?:\[([0-?]*)([ -/]*)([@-~])|[\]PX^_][^\u0007\u001B]{0,4096}(?:\u0007|\u001B\\)?|[ -/]*[0-~]?)/g;
const controls =
  // oxlint-disable-next-line no-control-regex -- control characters are the subject here
  /[\u0000-\u0007\u000B\u000C\u000E-\u001A\u001C-\u001F\u007F-\u009F\u200E\u200F\u202A-\u202E\u2066-\u2069]/g;

/** The beginning of a sequence at the end of a piece. */
// oxlint-disable-next-line no-control-regex -- control characters are the subject here
const unfinished = /\u001B(?:\[[0-?]*[ -/]*)?$/;

/** A sequence that is longer is none that is let through. */
const longestHeld = 64;

/**
 * Output of a host as a person's own terminal may show it, piece by piece: colours, tabs, and what moves within a line; nothing that makes a
 * terminal answer or changes it.
 */
export class ShownText {
  readonly #decoder = new StringDecoder("utf8");
  #held = "";

  add(bytes: Buffer): string {
    const text = this.#held + this.#decoder.write(bytes);
    const held = unfinished.exec(text)?.[0] ?? "";
    this.#held = held.length > longestHeld ? "" : held;
    return text
      .slice(0, text.length - held.length)
      .replaceAll(sequences, (all, numbers?: string, between?: string, final?: string) =>
        final === "m" && between === "" && /^[\d;:]*$/.test(numbers ?? "") ? all : "",
      )
      .replaceAll(controls, "");
  }
}
