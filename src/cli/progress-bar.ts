import type { Writable } from "node:stream";

/** Where a terminal does not tell its width. */
const usualColumns = 80;

const widestBar = 30;

/** One line of a terminal that is written over and over: a bar for the share that a message begins with, then the message. */
export class ProgressBar {
  readonly #output: Writable;
  #shown = false;

  constructor(output: Writable) {
    this.#output = output;
  }

  /** `message` begins with a share: `34% · 340 MB of 1.0 GB`. */
  show(message: string): void {
    const columns: unknown = Reflect.get(this.#output, "columns");
    const width = typeof columns === "number" && columns > 0 ? columns : usualColumns;
    this.#shown = true;
    this.#output.write(`\r\u001B[K${barLine(message, width)}`);
  }

  /** Takes the line away. Safe to call twice. */
  clear(): void {
    if (this.#shown) this.#output.write("\r\u001B[K");
    this.#shown = false;
  }
}

/** `[█████▌    ] 34% · 340 MB of 1.0 GB`, at most `width` characters. */
function barLine(message: string, width: number): string {
  const share = /^(\d{1,3})%/.exec(message)?.[1];
  const room = Math.min(widestBar, width - message.length - 4);
  if (share === undefined || room < 5) return message.slice(0, width - 1);
  const eighths = Math.round((Math.min(100, Number(share)) / 100) * room * 8);
  const full = "█".repeat(Math.floor(eighths / 8));
  const part = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"][eighths % 8] ?? "";
  return `[${(full + part).padEnd(room)}] ${message}`;
}
