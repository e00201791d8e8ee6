import type { Socket } from "node:net";
import { HoldfastError, LineAssembler, Pulse, after, asHoldfastError } from "../base/index.ts";
import type { ToolHost, WatchNews, WatchedCommand } from "../tools/index.ts";
import { readWatcherWord, writeWatchWord, type WatchWord, type WatcherWord } from "./watch-words.ts";

/** A paste at its longest, escaped. */
const longestLineBytes = 1_048_576;

/** Whoever connects says at once what they want. */
const wishLimitMs = 10_000;

/** How a daemon tells those who watch that it ends. */
interface DaemonEnd {
  readonly signal: AbortSignal;
  /** Another goes on in its place. */
  readonly successor: () => boolean;
}

/** Lets one person watch a command, until it has ended, they go, or `ending` aborts. Never more than one frame or piece is on its way to them. */
export async function serveWatching(socket: Socket, host: ToolHost, ending: DaemonEnd): Promise<void> {
  const watcher = new Watcher(socket, ending);
  try {
    const wish = await watcher.wish();
    if (wish === undefined) return;
    if (host.watching === undefined) throw new HoldfastError("unsupported", "nothing can be watched here");
    await watcher.watch(
      await host.watching.open({ ...wish, window: wish.window, giveBackMs: wish.giveBackMs, from: wish.from }),
    );
  } catch (thrown) {
    const { code, message, hint } = asHoldfastError(thrown);
    watcher.say({ failed: { code, message, ...(hint === undefined ? {} : { hint }) } });
  } finally {
    watcher.close();
  }
}

class Watcher {
  readonly #socket: Socket;
  readonly #over = new AbortController();
  readonly #seen = new Pulse();
  readonly #ending: DaemonEnd;
  readonly #end = (): void => this.#over.abort();
  /** Said at once: the connection does not last until all else is done. */
  readonly #leave = (): void => {
    this.say({ gone: { successor: this.#ending.successor() } });
    this.#end();
  };
  #unseen = false;
  #watched: WatchedCommand | undefined;
  #wished: (wish: Extract<WatcherWord, { watch: unknown }>["watch"] | undefined) => void = () => undefined;

  constructor(socket: Socket, ending: DaemonEnd) {
    this.#socket = socket;
    this.#ending = ending;
    const lines = new LineAssembler(longestLineBytes);
    socket.on("data", (chunk: Buffer) => {
      for (const line of lines.add(chunk)) {
        const word = line.kind === "text" ? readWatcherWord(line.text) : undefined;
        if (word === undefined) this.#end();
        else this.#hear(word);
      }
    });
    socket.on("end", this.#end).on("close", this.#end);
    ending.signal.addEventListener("abort", this.#leave, { once: true });
    if (ending.signal.aborted) this.#leave();
  }

  /** The first word; undefined when none comes. */
  wish(): Promise<Extract<WatcherWord, { watch: unknown }>["watch"] | undefined> {
    return new Promise((resolve) => {
      const cancel = after(wishLimitMs, this.#end);
      this.#wished = (wish) => {
        cancel();
        resolve(wish);
      };
      this.#over.signal.addEventListener("abort", () => resolve(undefined), { once: true });
      this.#socket.resume();
    });
  }

  async watch(watched: WatchedCommand): Promise<void> {
    this.#watched = watched;
    const { id, text, onTerminal, fresh } = watched;
    this.say({ opened: { id, text, onTerminal, fresh } });
    try {
      await watched.follow((news) => this.#tell(news), this.#over.signal);
      if (watched.running) return;
      const { ending, exitStatus } = watched;
      this.say({ ended: { ending, ...(exitStatus === undefined ? {} : { exitStatus }) } });
    } finally {
      this.#end();
      await watched.close();
    }
  }

  say(word: WatchWord): void {
    if (!this.#socket.destroyed && !this.#socket.writableEnded) this.#socket.write(writeWatchWord(word));
  }

  close(): void {
    this.#end();
    this.#ending.signal.removeEventListener("abort", this.#leave);
  }

  async #tell(news: WatchNews): Promise<void> {
    const word = wordOf(news);
    this.say(word);
    if (!("frame" in word || "output" in word)) return;
    this.#unseen = true;
    while (this.#unseen && !this.#over.signal.aborted) {
      await this.#seen.wait(Number.MAX_SAFE_INTEGER, this.#over.signal);
    }
  }

  #hear(word: WatcherWord): void {
    const watched = this.#watched;
    if ("watch" in word) this.#wished(word.watch);
    else if ("seen" in word) {
      this.#unseen = false;
      this.#seen.fire();
    } else if ("type" in word) void watched?.type(word.type);
    else if ("eof" in word) void watched?.eof();
    else if ("window" in word) watched?.resize(word.window);
    else if (word.floor === "take") watched?.takeFloor();
    else watched?.giveFloor();
  }
}

function wordOf(news: WatchNews): WatchWord {
  switch (news.kind) {
    case "frame":
      return { frame: news.text };
    case "output":
      return { output: Buffer.from(news.bytes).toString("base64"), stream: news.stream, at: news.at };
    case "skipped":
      return { skipped: news.bytes };
    case "floor":
      return { floor: news.whose };
    case "said":
      return { said: news.text };
  }
}
