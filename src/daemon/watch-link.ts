import type { Socket } from "node:net";
import { HoldfastError, LineAssembler, Pulse } from "../base/index.ts";
import { dialDaemon, placesBeside, reachDaemon, type DaemonPlace } from "../shim/index.ts";
import { readWatchWord, writeWatchWord, type WatchWish, type WatchWord, type WatcherWord } from "./watch-words.ts";

/** The largest window with a colour of its own in each cell, escaped. */
const longestLineBytes = 67_108_864;

/** A look at the words is begun anew after this time; nothing hangs on it. */
const lookEveryMs = 60_000;

/** A command of a daemon's, watched from here. */
export class WatchLink {
  readonly #socket: Socket;
  readonly #words: WatchWord[] = [];
  readonly #changed = new Pulse();
  #over = false;

  constructor(socket: Socket) {
    this.#socket = socket;
    const lines = new LineAssembler(longestLineBytes);
    socket.on("data", (chunk: Buffer) => {
      for (const line of lines.add(chunk)) {
        const word = line.kind === "text" ? readWatchWord(line.text) : undefined;
        if (word !== undefined) this.#words.push(word);
      }
      this.#changed.fire();
    });
    socket.on("end", () => socket.destroy());
    socket.on("close", () => {
      this.#over = true;
      this.#changed.fire();
    });
    socket.resume();
  }

  /** The next word of the daemon; undefined when it has gone, or `signal` aborts. Frames and output are to be answered with `seen`. */
  async next(signal?: AbortSignal): Promise<WatchWord | undefined> {
    while (this.#words.length === 0 && !this.#over && signal?.aborted !== true) {
      await this.#changed.wait(lookEveryMs, signal);
    }
    return signal?.aborted === true ? undefined : this.#words.shift();
  }

  say(word: WatcherWord): void {
    if (!this.#socket.destroyed && !this.#socket.writableEnded) this.#socket.write(writeWatchWord(word));
  }

  close(): void {
    this.#socket.destroySoon();
  }
}

/** What is to be watched, wherever that is. */
export type WatchAsked = Omit<WatchWish, "onlyHere">;

/** What was opened, and the way to it. */
export interface OpenWatch {
  readonly link: WatchLink;
  readonly opened: Extract<WatchWord, { opened: unknown }>["opened"];
}

/**
 * Watches what `wish` names: at the daemon that is attached there already, whatever its settings, so that it is the one an agent uses; else
 * at the daemon of the place, which `program` is started as if there is none. Rejects as the daemon does, and with `internal` when there is no getting one.
 */
export async function openWatch(place: DaemonPlace, program: string, wish: WatchAsked): Promise<OpenWatch> {
  for (const beside of await placesBeside(place)) {
    const dialed = await dialDaemon(beside, "watch");
    if (dialed.kind !== "connected") continue;
    const open = await opening(new WatchLink(dialed.connection.socket), { ...wish, onlyHere: true });
    if (!(open instanceof HoldfastError)) return open;
    if (open.code !== "session_unknown") throw open;
  }
  const { socket } = await reachDaemon(place, program, "watch");
  const open = await opening(new WatchLink(socket), { ...wish, onlyHere: false });
  if (open instanceof HoldfastError) throw open;
  return open;
}

async function opening(link: WatchLink, wish: WatchWish): Promise<OpenWatch | HoldfastError> {
  link.say({ watch: wish });
  const word = await link.next();
  if (word !== undefined && "opened" in word) return { link, opened: word.opened };
  link.close();
  if (word === undefined || !("failed" in word)) {
    return new HoldfastError("connection_lost", "the daemon ended before it had opened what was to be watched", {
      hint: "Try again; holdfast ls commands shows what there is",
    });
  }
  const { code, message, hint } = word.failed;
  return new HoldfastError(code, message, hint === undefined ? {} : { hint });
}
