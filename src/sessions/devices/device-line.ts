import { HoldfastError, monotonicMs } from "../../base/index.ts";
import {
  confirmPrompt,
  DeviceTerminal,
  Exchange,
  logIn,
  type LoggedIn,
  type LoginAsks,
  type Platform,
} from "../../devices/index.ts";
import type { SshChannel, SshConnection } from "../../ssh/index.ts";

/** How long a command that prepares the terminal may take. */
const setupLimitMs = 15_000;

/** Our own way out when output comes faster than it is drawn is the channel's window; this is what is told of a channel that is gone. */
const gone = "the device closed the terminal of this session";

/** Of what has come, as much is kept as fills a window or two. */
const recentBytes = 16_384;

export interface OpenLine {
  readonly connection: SshConnection;
  readonly platform: Platform;
  readonly asks: LoginAsks;
  /** What the device is, once it has shown its first prompt; default: as it was taken for. */
  recognise?(terminal: DeviceTerminal, login: LoggedIn): Promise<Platform>;
}

/** One terminal of a device on a channel of its own, logged in and prepared. */
export class DeviceLine {
  readonly terminal: DeviceTerminal;
  readonly connection: SshConnection;
  #channel: SshChannel | undefined;
  #onGone: ((why: string) => void) | undefined;
  /** The newest bytes, for whoever comes to look. */
  #recent: Buffer = Buffer.alloc(0);
  readonly #taps = new Set<(bytes: Uint8Array) => void>();
  /** Commands that prepare the terminal and wait for the mode in which they are taken. */
  #waiting: Platform["setup"] = [];

  private constructor({ connection, platform }: OpenLine) {
    this.connection = connection;
    const wire = { write: (text: string) => void this.#channel?.write(text) };
    this.terminal = new DeviceTerminal(wire, platform, platform.terminal.columns);
  }

  /** Rejects with `auth_failed`, `timed_out` and `unsupported` as `logIn` does, `connection_lost`. */
  static async open(open: OpenLine): Promise<DeviceLine> {
    const line = new DeviceLine(open);
    const { terminal } = line;
    const { term, columns, rows } = open.platform.terminal;
    line.#channel = await open.connection.shell(
      { term, columns, rows },
      {
        onStdout: (bytes) => {
          line.#came(bytes);
        },
        onStderr: (bytes) => {
          line.#came(bytes);
        },
        onEnd: () => {
          line.#ended();
        },
      },
    );
    try {
      const login = await logIn(terminal, open.asks);
      if (open.recognise !== undefined) {
        terminal.speak(await open.recognise(terminal, login));
        await confirmPrompt(terminal, open.asks.limitMs);
      }
      line.#waiting = terminal.platform.setup;
      await line.prepare();
      return line;
    } catch (error) {
      line.close();
      throw open.connection.closed ? connectionLost() : error;
    }
  }

  /** Told once why the line is gone; at once if it already is. */
  set onGone(listener: (why: string) => void) {
    this.#onGone = listener;
    if (this.terminal.closed) listener(this.#why());
  }

  /** Sends what prepares the terminal, as far as the mode it is in takes it. Never rejects. */
  async prepare(): Promise<void> {
    const { terminal } = this;
    const kind = terminal.prompt?.mode.kind ?? "other";
    if (kind === "config") return;
    const now = this.#waiting.filter(({ modes }) => modes.length === 0 || modes.includes(kind));
    this.#waiting = this.#waiting.filter((one) => !now.includes(one));
    const until = monotonicMs() + setupLimitMs;
    let refused = 0;
    for (const { command } of now) {
      if (terminal.closed) return;
      const exchange = new Exchange(terminal, { command, prepares: true }, silent);
      exchange.begin();
      const end = await exchange.within(Math.max(1, until - monotonicMs()));
      if (end.kind !== "prompt" || end.error !== undefined) refused += 1;
    }
    if (now.length > 0 && refused === 0 && this.#waiting.length === 0) terminal.pages = false;
  }

  /** Hands on what comes, and at once the last of what has come; until the returned function is called. */
  tap(listener: (bytes: Uint8Array) => void): () => void {
    // The first line may have lost its beginning.
    const from = this.#recent.length < recentBytes ? 0 : this.#recent.indexOf("\n") + 1;
    listener(this.#recent.subarray(from));
    this.#taps.add(listener);
    return () => void this.#taps.delete(listener);
  }

  #came(bytes: Uint8Array): void {
    this.#recent = Buffer.concat([this.#recent, bytes.subarray(-recentBytes)]).subarray(-recentBytes);
    for (const tap of this.#taps) tap(bytes);
    this.terminal.feed(bytes);
  }

  /** `why`: what is told of it, where the device has not closed it. */
  close(why?: string): void {
    this.#channel?.close();
    this.#ended(why);
  }

  #ended(why?: string): void {
    if (this.terminal.closed) return;
    this.terminal.end();
    this.#onGone?.(why ?? this.#why());
  }

  #why(): string {
    return this.connection.closed ? "the connection was lost" : gone;
  }
}

const silent = { onOutput: () => undefined, onQuestion: () => undefined, onAsk: () => undefined };

function connectionLost(): HoldfastError {
  return new HoldfastError("connection_lost", "the connection was lost while the device's terminal was opened", {
    hint: "Call again",
  });
}
