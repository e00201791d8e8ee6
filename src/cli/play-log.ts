import { WriteStream } from "node:tty";
import { delay } from "../base/index.ts";
import { readCast, type CastEvent, type CastHeader } from "../logs/index.ts";
import { openScreen, type TerminalScreen } from "../screen/index.ts";
import { WindowFrames } from "../tools/index.ts";
import type { CliServices } from "./cli-services.ts";
import { ShownText } from "./shown-text.ts";

/** As `WatchOutcome`'s screens: one of its own, and back to what was there. */
const enter = "\u001B[?1049h\u001B[0m\u001B[2J\u001B[H";
const leave = "\u001B[0m\u001B[?2004l\u001B[?1l\u001B>\u001B[?25h\u001B[?1049l";

interface PlayOptions {
  readonly speed: number;
  readonly idleLimitS: number;
  readonly services: CliServices;
}

/** What an event does to whoever looks on. */
interface Player {
  show(event: CastEvent): Promise<void>;
  close(): void;
}

/** Plays a log at its pace, or at once where nobody looks on. Rejects with `file_missing`, and with `bad_input` for what is no log. */
export async function playLog(path: string, { speed, idleLimitS, services }: PlayOptions): Promise<void> {
  const { interactive, interrupted, output } = services;
  let player: Player | undefined;
  let atS = 0;
  try {
    for await (const part of readCast(path)) {
      if (interrupted.aborted) return;
      if (!("kind" in part)) {
        player = interactive ? await playerFor(part, output) : rawPlayer(output);
        continue;
      }
      const pauseS = Math.min(idleLimitS, part.atS - atS) / speed;
      atS = part.atS;
      if (interactive && pauseS > 0) await delay(pauseS * 1_000, interrupted);
      await player?.show(part);
    }
  } finally {
    player?.close();
  }
}

async function playerFor(header: CastHeader, output: CliServices["output"]): Promise<Player> {
  return header.command === undefined
    ? textPlayer(output)
    : screenPlayer(await openScreen({ columns: header.width, rows: header.height }), output);
}

function rawPlayer(output: CliServices["output"]): Player {
  return {
    show: ({ kind, text }) => (kind === "o" || kind === "e" ? written(output, text) : Promise.resolve()),
    close: () => undefined,
  };
}

/** Commands one after the other, each named where it begins and ends. */
function textPlayer(output: CliServices["output"]): Player {
  const texts = { o: new ShownText(), e: new ShownText() };
  return {
    show: async ({ kind, text }) => {
      if (kind === "o" || kind === "e") await written(output, texts[kind].add(Buffer.from(text)));
      else if (kind === "m") await written(output, `\u001B[2m${new ShownText().add(Buffer.from(text))}\u001B[0m\r\n`);
    },
    close: () => undefined,
  };
}

/** A terminal, drawn as it was and shown as whoever attaches sees it: nothing of the log reaches the person's own terminal as it is. */
function screenPlayer(screen: TerminalScreen, output: CliServices["output"]): Player {
  const { columns = 80, rows = 24 } = output instanceof WriteStream ? output : {};
  const frames = new WindowFrames({ columns, rows });
  output.write(enter);
  return {
    show: async ({ kind, text }) => {
      const [wide, high] = kind === "r" ? text.split("x").map(Number) : [];
      if (wide !== undefined && high !== undefined && wide > 0 && high > 0 && wide <= 1_000 && high <= 1_000) {
        screen.resize({ columns: wide, rows: high });
      } else if (kind === "o") await screen.draw(Buffer.from(text));
      else return;
      await written(output, frames.next(screen.paint(frames.choose)));
    },
    close: () => {
      const last = screen.view.rows.map((row) => row.text);
      screen.close();
      const used = last.findLastIndex((row) => row !== "") + 1;
      // What it showed in the end stays to be read.
      output.write(`${leave}${[...last.slice(0, used), ""].join("\r\n")}`);
    },
  };
}

function written(output: CliServices["output"], text: string): Promise<void> {
  return new Promise((resolve) => {
    if (output.destroyed || output.writableEnded || text === "") resolve();
    else output.write(text, () => resolve());
  });
}
