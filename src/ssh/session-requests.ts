import type { Client } from "ssh2";
import { HoldfastError } from "../base/index.ts";
import type { ChannelEnd, ChannelListener, ExecOptions, PseudoTerminal, SshChannel } from "./engine.ts";
import { ExecAhead } from "./exec-ahead.ts";
import type { ServerTraits } from "./server-traits.ts";
import type { SessionChannels } from "./session-channels.ts";
import { protocolOf, type SessionStream } from "./ssh2-internals.ts";
import { Ssh2Channel } from "./ssh2-channel.ts";
import type { Ssh2X11 } from "./ssh2-x11.ts";
import { countAhead, sendAhead } from "./write-ahead.ts";

/** A server that closed a session instead of using it does so by bad luck, the likelier the more of its commands end; so often in a row is something else. */
export const startAttempts = 20;

/** What is asked of a session channel. */
interface SessionRequest {
  /** For messages. */
  readonly what: string;
  send(stream: SessionStream): void;
  /** Called when it was granted, before anybody else uses the channel. */
  granted?(stream: SessionStream): void;
  /** Nothing is done that must not be done twice, should the server do it and close the channel without a word. */
  readonly repeatable: boolean;
}

export interface RequestDeps {
  readonly client: Client;
  readonly channels: SessionChannels;
  readonly traits: ServerTraits;
  /** How messages name the target. */
  readonly target: string;
  /** Resolves when the server has given a sign of life; undefined when it is not known to answer. */
  readonly roundTrip: (() => Promise<void>) | undefined;
  /** The first channel's number may be predicted. */
  readonly predict: boolean;
  /** The command that went out before the login was answered. */
  readonly ahead: ExecAhead | undefined;
  readonly x11: Ssh2X11;
  /** The error to reject with when the connection is gone, else undefined. */
  lost(): HoldfastError | undefined;
  /** The server does not number channels as it was thought to: nothing on this connection can be relied on. */
  mispredicted(): void;
}

/** Passes on what a channel tells, its end only when what was asked for was granted. It lives as long as the channel: it must not hold the request. */
class GrantedListener implements ChannelListener {
  granted = false;
  readonly #listener: ChannelListener;

  constructor(listener: ChannelListener) {
    this.#listener = listener;
  }

  onStdout(bytes: Uint8Array): void {
    this.#listener.onStdout(bytes);
  }

  onStderr(bytes: Uint8Array): void {
    this.#listener.onStderr(bytes);
  }

  onEnd(end: ChannelEnd): void {
    if (this.granted) this.#listener.onEnd(end);
  }
}

/** Starts commands and shells on session channels. */
export class SessionRequests {
  readonly #deps: RequestDeps;
  #ahead: ExecAhead | undefined;
  #fresh: boolean;

  constructor(deps: RequestDeps) {
    this.#deps = deps;
    this.#ahead = deps.ahead;
    this.#fresh = deps.predict && deps.ahead === undefined && deps.traits.bytesAhead > 0;
  }

  /** A command was sent on a channel that the server has not said it has opened. */
  get guessing(): boolean {
    return this.#ahead?.answered === false;
  }

  /** Channels that are in use though they have not taken a place yet. */
  get unplaced(): number {
    return this.#ahead?.unclaimed === true ? 1 : 0;
  }

  /** A channel is asked for in another way: its number, or that of the next one, is not sure any more. */
  settle(): void {
    this.#fresh = false;
  }

  exec(command: string, listener: ChannelListener, options: ExecOptions): Promise<SshChannel> {
    const { client, roundTrip, traits, channels } = this.#deps;
    const { input = "" } = options;
    this.#checkSize(command);
    const isPlain = options.pty === undefined && options.x11 === undefined;
    if (this.#fresh && isPlain && Buffer.byteLength(input) <= traits.bytesAhead) {
      this.#fresh = false;
      this.#ahead = new ExecAhead({ client, command, input, roundTrip });
      channels.prepare();
    }
    const ahead = this.#ahead;
    if (options.x11 === undefined && ahead?.take(command, options) === true) return this.#claim(ahead, listener);
    return this.#start(listener, this.#execution(command, options));
  }

  shell(terminal: PseudoTerminal, listener: ChannelListener): Promise<SshChannel> {
    this.settle();
    return this.#start(listener, {
      what: "start a shell",
      send: (stream) => {
        this.#askTerminal(stream, terminal);
        protocolOf(this.#deps.client).shell(stream.outgoing.id, true);
      },
      repeatable: true,
    });
  }

  async #claim(ahead: ExecAhead, listener: ChannelListener): Promise<SshChannel> {
    const outcome = await this.#deps.channels.takeOther((release) => ahead.claim(listener, release));
    if (outcome instanceof Ssh2Channel) return outcome;
    if (outcome === "wrong") this.#deps.mispredicted();
    throw this.#deps.lost() ?? this.#refusal("run a command");
  }

  /** Asks to run `command` on a channel, with what its stdin begins with behind it; that waits for the answer where the server may run it unasked. */
  #execution(command: string, { pty, x11, input = "", once = false }: ExecOptions): SessionRequest {
    const { client, traits } = this.#deps;
    this.settle();
    const bytes = Buffer.from(input);
    const inputLater = traits.closesUnusedSessions;
    return {
      what: "run a command",
      send: (stream) => {
        if (pty !== undefined) this.#askTerminal(stream, pty);
        if (x11 !== undefined) this.#deps.x11.request(stream, x11);
        protocolOf(client).exec(stream.outgoing.id, command, true);
        if (inputLater) return;
        const ahead = bytes.subarray(0, stream.outgoing.window > 0 ? 0 : traits.bytesAhead);
        sendAhead(client, stream.outgoing.id, ahead);
        if (ahead.length > 0) countAhead(stream, ahead.length);
        if (ahead.length < bytes.length) stream.write(bytes.subarray(ahead.length));
      },
      granted: (stream) => {
        if (inputLater && bytes.length > 0) stream.write(bytes);
      },
      repeatable: !once,
    };
  }

  #checkSize(command: string): void {
    const size = Buffer.byteLength(command);
    const { longestCommandBytes } = this.#deps.traits;
    if (size <= longestCommandBytes) return;
    throw new HoldfastError(
      "too_large",
      `a command line of ${size} bytes is more than the ${longestCommandBytes} that ${this.#deps.target} is sure to take`,
      { hint: "Send the text through stdin" },
    );
  }

  /** Sends requests on a session channel; resolves when the last one is granted. */
  async #start(listener: ChannelListener, request: SessionRequest): Promise<SshChannel> {
    for (let attempt = 1; ; attempt += 1) {
      const stream = await this.#deps.channels.take();
      const started = await this.#request(stream, listener, request);
      if (started instanceof Ssh2Channel) return started;
      const lost = this.#deps.lost();
      if (lost !== undefined) throw lost;
      const closed = started !== "refused" && this.#deps.traits.closesUnusedSessions && attempt < startAttempts;
      if (closed && started === "closed" && !request.repeatable) throw this.#unknown(request.what);
      if (!closed) throw this.#refusal(request.what);
    }
  }

  #unknown(what: string): HoldfastError {
    return new HoldfastError(
      "connection_lost",
      `${this.#deps.target} closed the channel on which it was to ${what}; whether it did is not known`,
      { hint: "Look whether it was done before you do it again" },
    );
  }

  #refusal(what: string): HoldfastError {
    return new HoldfastError("unsupported", `${this.#deps.target} refused to ${what}`, {
      hint: "The user's account may be limited to file transfer, forwarding or one fixed command",
    });
  }

  /** The running channel, or how the server turned the request down: by saying so, or by closing the channel; `unasked`: before it was asked. */
  #request(
    stream: SessionStream,
    listener: ChannelListener,
    request: SessionRequest,
  ): Promise<Ssh2Channel | "refused" | "closed" | "unasked"> {
    if (stream.outgoing.state !== "open") return Promise.resolve("unasked");
    const { client, roundTrip } = this.#deps;
    return new Promise((resolve) => {
      const guarded = new GrantedListener(listener);
      const channel = new Ssh2Channel({ client, stream, listener: guarded, roundTrip });
      request.send(stream);
      stream._callbacks.push((failed) => {
        guarded.granted = failed === false;
        if (guarded.granted) {
          request.granted?.(stream);
          resolve(channel);
          return;
        }
        resolve(stream.incoming.state === "closed" ? "closed" : "refused");
        channel.close();
      });
    });
  }

  /** Asks for a terminal without waiting for the answer: a refusal shows in the request that follows. */
  #askTerminal(stream: SessionStream, terminal: PseudoTerminal): void {
    const { rows, columns, term } = terminal;
    protocolOf(this.#deps.client).pty(stream.outgoing.id, rows, columns, 0, 0, term, null, false);
  }
}
