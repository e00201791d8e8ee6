import { execFileSync } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { randomHex } from "../../src/base/index.ts";
import { eventually } from "../helpers/eventually.ts";

/** What another terminal shows of the same bytes. */
export interface ShownScreen {
  /** Without the blanks at the ends of rows; as many as the terminal has. */
  readonly rows: readonly string[];
  /** Counted from 1. */
  readonly cursor: { readonly row: number; readonly column: number };
  readonly alternate: boolean;
}

interface Size {
  readonly columns: number;
  readonly rows: number;
}

/** How long a busy machine may take to draw. */
const drawLimitMs = 30_000;

/** The graphic characters of the VT100, by what is sent for them. */
const graphics: ReadonlyMap<string, string> = new Map(
  Object.entries({
    "`": "◆",
    a: "▒",
    b: "␉",
    c: "␌",
    d: "␍",
    e: "␊",
    f: "°",
    g: "±",
    j: "┘",
    k: "┐",
    l: "┌",
    m: "└",
    n: "┼",
    q: "─",
    t: "├",
    u: "┤",
  }).concat(
    Object.entries({
      v: "┴",
      w: "┬",
      x: "│",
      y: "≤",
      z: "≥",
      "~": "·",
      o: "⎺",
      p: "⎻",
      r: "⎼",
      s: "⎽",
      h: "␤",
      i: "␋",
    }),
  ),
);

/** A tmux of its own that draws what is given to it: another terminal emulator, to compare ours with. */
export class TmuxScreens {
  readonly #name = `hf${randomHex(6)}`;
  readonly #directory: string;
  #windows = 0;

  /** `directory`: where it may put files. */
  constructor(directory: string) {
    this.#directory = directory;
    writeFileSync(this.#file("conf"), "set -g status off\nset -g history-limit 10\n");
  }

  /** Draws `bytes` from the beginning; resolves with what it shows when `wanted` says that it is that, else after half a minute. */
  async draw(bytes: Uint8Array, size: Size, wanted: (shown: ShownScreen) => boolean): Promise<ShownScreen> {
    this.#windows += 1;
    const window = `w${this.#windows}`;
    const file = this.#file(window);
    writeFileSync(file, bytes);
    const command = `stty raw -echo; cat '${file}'; exec sleep 1000`;
    const [columns, rows] = [String(size.columns), String(size.rows)];
    this.#tmux(["new-session", "-d", "-s", window, "-x", columns, "-y", rows, command]);
    let last = this.#look(window, size.rows);
    try {
      return await eventually("the same screen", drawLimitMs, () => {
        last = this.#look(window, size.rows);
        return wanted(last) ? last : undefined;
      });
    } catch {
      return last;
    }
  }

  close(): void {
    try {
      this.#tmux(["kill-server"]);
    } catch {
      // It had not been started.
    }
    rmSync(this.#file("conf"), { force: true });
  }

  #look(window: string, rows: number): ShownScreen {
    const captured = this.#tmux(["capture-pane", "-p", "-e", "-t", window]);
    const lines = textOf(captured)
      .split("\n")
      .map((line) => line.trimEnd());
    const facts = this.#tmux(["display", "-p", "-t", window, "#{cursor_y} #{cursor_x} #{alternate_on}"]).trim();
    const [row = 0, column = 0, alternate = 0] = facts.split(" ").map(Number);
    return {
      rows: Array.from({ length: rows }, (_, at) => lines[at] ?? ""),
      cursor: { row: row + 1, column: column + 1 },
      alternate: alternate === 1,
    };
  }

  #file(name: string): string {
    return join(this.#directory, `${this.#name}.${name}`);
  }

  #tmux(args: readonly string[]): string {
    const env = { ...process.env, LC_ALL: "C.UTF-8", TMUX: "" };
    const fixed = ["-u", "-L", this.#name, "-f", this.#file("conf")];
    return execFileSync("tmux", [...fixed, ...args], { env, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  }
}

/** What was captured as text: colours gone, graphic characters (between SO and SI) drawn. */
function textOf(captured: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are the subject here
  const plain = captured.replaceAll(/\u001B\[[\d;:]*m|\u001B\]8;[^\u001B]*\u001B\\/g, "");
  // oxlint-disable-next-line no-control-regex -- control characters are the subject here
  const drawn = plain.replaceAll(/\u000E([^\u000F]*)(?:\u000F|$)/g, (_, sent: string) =>
    sent.replaceAll(/./gu, (character) => graphics.get(character) ?? character),
  );
  return drawn.replaceAll("\u000F", "");
}
