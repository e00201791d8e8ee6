import { StringDecoder } from "node:string_decoder";
import { WriteStream } from "node:tty";
import { oneLine } from "../base/index.ts";
import type { OpenWatch } from "../daemon/index.ts";
import type { CliServices } from "./cli-services.ts";
import { DetachKeys, type WatcherKey } from "./detach-keys.ts";
import { withSilentTerminal } from "./typed-line.ts";

/** What a terminal is that does not say how large it is. */
const usualWindow = { columns: 80, rows: 24 };

/** A window that is lower has no room for a line of ours. */
const leastRowsForStatus = 5;

/** Room for what is said in the last row. */
const longestSaid = 500;

/** A screen of its own, with the title put aside; and back, with everything off that a program may have switched on. */
const enter = "\u001B[22;2t\u001B[?1049h\u001B[0m\u001B[2J\u001B[H";
const leave = "\u001B[0m\u001B[?2004l\u001B[?1l\u001B>\u001B[?25h\u001B[?1049l\u001B[23;2t";

interface ScreenWatch {
  readonly open: OpenWatch;
  readonly services: CliServices;
  readonly detachKey: { readonly character: string; readonly name: string };
  readonly readOnly: boolean;
}

/** How a person's look at a screen ended. */
export type WatchOutcome =
  | { readonly kind: "left" }
  /** The daemon has gone; `asked`: somebody wanted it to end. */
  | { readonly kind: "gone"; readonly asked: boolean }
  | { readonly kind: "ended"; readonly ending: string; readonly exitStatus: number | undefined };

/** The part of a window that is the program's: the last row is a line of ours. */
export function programWindow(output: CliServices["output"]): { readonly columns: number; readonly rows: number } {
  const { columns, rows } = output instanceof WriteStream ? output : usualWindow;
  const high = rows || usualWindow.rows;
  return {
    columns: Math.min(1_000, Math.max(2, columns || usualWindow.columns)),
    rows: Math.min(500, high < leastRowsForStatus ? high : high - 1),
  };
}

/** Shows a terminal's screen in a person's own, and types there what they type, until it ends or they leave. The terminal is as it was then. */
export async function watchScreen(watch: ScreenWatch): Promise<WatchOutcome> {
  const { services, open } = watch;
  const { input, output } = services;
  const left = new AbortController();
  const status = new StatusLine(watch);
  const keys = new DetachKeys(watch.detachKey.character);
  const decoder = new StringDecoder("utf8");
  const onKey = (key: WatcherKey): void => {
    if (key === "leave") left.abort();
    else if (key === "help") status.say(status.help);
    else open.link.say({ floor: key });
  };
  const onData = (chunk: Buffer | string): void => {
    for (const part of keys.take(typeof chunk === "string" ? chunk : decoder.write(chunk))) {
      if (part.kind === "key") onKey(part.key);
      else if (watch.readOnly) status.say("only watching: nothing is typed");
      else open.link.say({ type: part.text });
    }
  };
  const onEnd = (): void => left.abort();
  const onResize = (): void => {
    open.link.say({ window: programWindow(output) });
    status.draw();
  };
  return withSilentTerminal(input, async () => {
    output.write(enter);
    input.on("data", onData).on("end", onEnd).resume();
    output.on("resize", onResize);
    try {
      return await show(watch, status, AbortSignal.any([left.signal, services.interrupted]));
    } finally {
      input.off("data", onData).off("end", onEnd).pause();
      output.off("resize", onResize);
      output.write(leave);
    }
  });
}

async function show({ open, services }: ScreenWatch, status: StatusLine, signal: AbortSignal): Promise<WatchOutcome> {
  const { link } = open;
  status.draw();
  for (;;) {
    const word = await link.next(signal);
    if (word === undefined) return signal.aborted ? { kind: "left" } : { kind: "gone", asked: false };
    if ("frame" in word) {
      await written(services.output, word.frame);
      status.draw();
      link.say({ seen: true });
    } else if ("floor" in word) status.floor(word.floor);
    else if ("said" in word) status.say(word.said);
    else if ("failed" in word) status.say(word.failed.message);
    else if ("gone" in word) return { kind: "gone", asked: !word.gone.successor };
    else if ("ended" in word) return { kind: "ended", exitStatus: undefined, ...word.ended };
  }
}

function written(output: CliServices["output"], text: string): Promise<void> {
  return new Promise((resolve) => {
    if (output.destroyed || output.writableEnded) resolve();
    else output.write(text, () => resolve());
  });
}

/** The last row of the window: which command this is, who types, and which keys are ours. */
class StatusLine {
  readonly #watch: ScreenWatch;
  #floor: "free" | "yours" | "another" = "free";
  #said = "";

  constructor(watch: ScreenWatch) {
    this.#watch = watch;
  }

  get help(): string {
    const { name } = this.#watch.detachKey;
    return `${name} then: d leaves, g gives the keyboard back, t takes it, ${name} types it`;
  }

  floor(whose: "free" | "yours" | "another"): void {
    this.#floor = whose;
    this.#said = "";
    this.draw();
  }

  say(text: string): void {
    // It may quote what a host has said.
    this.#said = oneLine(text, longestSaid);
    this.draw();
  }

  draw(): void {
    const { output } = this.#watch.services;
    const { columns, rows } = programWindow(output);
    if (rows < leastRowsForStatus - 1) return;
    const text = ` ${this.#watch.open.opened.id} · ${this.#said === "" ? this.#usual() : this.#said}`;
    const shown = text.slice(0, columns).padEnd(columns);
    output.write(`\u001B7\u001B[${rows + 1};1H\u001B[0;7m${shown}\u001B[0m\u001B8`);
  }

  #usual(): string {
    const { name } = this.#watch.detachKey;
    // In a narrow window the keys count.
    if (this.#watch.readOnly) return `${name} d leaves · only watching`;
    if (this.#floor === "another") return `${name} d leaves, t takes the keyboard · another person types`;
    if (this.#floor === "yours") return `${name} d leaves, g gives the keyboard back · you type, the agent cannot`;
    return `${name} d leaves · typing takes the keyboard from the agent`;
  }
}
