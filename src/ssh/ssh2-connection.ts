import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { Client } from "ssh2";
import { HoldfastError, Pulse, after, messageOf, monotonicMs } from "../base/index.ts";
import type {
  ChannelListener,
  ExecOptions,
  LocalForward,
  PseudoTerminal,
  SftpSession,
  SshChannel,
  SshConnection,
} from "./engine.ts";
import { Keepalive } from "./keepalive.ts";
import { traitsOf, type ServerTraits } from "./server-traits.ts";
import { SessionChannels } from "./session-channels.ts";
import { protocolOf, roundTrip, type SessionStream } from "./ssh2-internals.ts";
import { Ssh2Channel } from "./ssh2-channel.ts";
import { Ssh2Sftp } from "./ssh2-sftp.ts";

/** How long a connection may take to go down in good order. */
const closeLimitMs = 2000;

/** A server that closed a session instead of using it does so by bad luck; several times in a row is something else. */
const startAttempts = 5;

export interface ConnectionParts {
  readonly client: Client;
  readonly socket: Socket;
  readonly serverIdentification: string;
  /** How messages name the target. */
  readonly target: string;
  readonly keepaliveMs: number;
  readonly spareChannel: boolean | undefined;
  readonly channelLimit: number;
}

/** An authenticated connection made with ssh2. */
export class Ssh2Connection implements SshConnection {
  readonly serverIdentification: string;
  readonly #client: Client;
  readonly #socket: Socket;
  readonly #target: string;
  readonly #channels: SessionChannels;
  readonly #keepalive: Keepalive;
  readonly #traits: ServerTraits;
  readonly #closeListeners: ((reason: string) => void)[] = [];
  readonly #inbound = new Pulse();
  #reason: string | undefined;
  #closeReason: string | undefined;

  constructor(parts: ConnectionParts) {
    this.serverIdentification = parts.serverIdentification;
    this.#client = parts.client;
    this.#socket = parts.socket;
    this.#target = parts.target;
    this.#traits = traitsOf(parts.serverIdentification);
    this.#channels = new SessionChannels({
      client: parts.client,
      spare: parts.spareChannel ?? this.#traits.spareChannel,
      limit: parts.channelLimit,
      lost: () => this.#lost(),
    });
    this.#keepalive = this.#watch(parts.keepaliveMs);
    this.#channels.prepare();
  }

  get closed(): boolean {
    return this.#closeReason !== undefined;
  }

  get freeChannels(): number {
    return this.closed ? 0 : this.#channels.free;
  }

  get channelLimit(): number {
    return this.#channels.limit;
  }

  async exec(command: string, listener: ChannelListener, options: ExecOptions = {}): Promise<SshChannel> {
    const size = Buffer.byteLength(command);
    const { longestCommandBytes } = this.#traits;
    if (size > longestCommandBytes) {
      throw new HoldfastError(
        "too_large",
        `a command line of ${size} bytes is more than the ${longestCommandBytes} that ${this.#target} is sure to take`,
        { hint: "Send the text through stdin" },
      );
    }
    return this.#start(
      listener,
      (stream) => {
        if (options.pty !== undefined) this.#askTerminal(stream, options.pty);
        protocolOf(this.#client).exec(stream.outgoing.id, command, true);
        if (options.input !== undefined) stream.write(options.input);
      },
      "run a command",
    );
  }

  async shell(terminal: PseudoTerminal, listener: ChannelListener): Promise<SshChannel> {
    return this.#start(
      listener,
      (stream) => {
        this.#askTerminal(stream, terminal);
        protocolOf(this.#client).shell(stream.outgoing.id, true);
      },
      "start a shell",
    );
  }

  async sftp(): Promise<SftpSession> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#channels.takeOther((release) => this.#openSftp(release));
      } catch (error) {
        const again = this.#traits.closesUnusedSessions && attempt < startAttempts && this.#lost() === undefined;
        if (!again) throw error;
      }
    }
  }

  async forwardOut(to: LocalForward): Promise<Duplex> {
    const lost = this.#lost();
    if (lost !== undefined) throw lost;
    return new Promise((resolve, reject) => {
      this.#client.forwardOut("127.0.0.1", 0, to.host, to.port, (error, stream) => {
        if (error === undefined) {
          resolve(stream);
          return;
        }
        const failed = new HoldfastError(
          "dial_failed",
          `${this.#target} could not connect to ${to.host}:${to.port}: ${messageOf(error)}`,
          {
            hint: "Check that it listens there, and that the server allows forwarding",
            cause: error,
          },
        );
        reject(this.#lost() ?? failed);
      });
    });
  }

  onClosed(listener: (reason: string) => void): void {
    if (this.#closeReason === undefined) this.#closeListeners.push(listener);
    else listener(this.#closeReason);
  }

  close(): Promise<void> {
    this.#reason ??= "closed by Holdfast";
    return new Promise((resolve) => {
      const cancel = after(closeLimitMs, () => {
        this.#socket.destroy();
        this.#wentDown();
      });
      this.onClosed(() => {
        cancel();
        resolve();
      });
      this.#client.end();
    });
  }

  #openSftp(release: () => void): Promise<SftpSession> {
    return new Promise((resolve, reject) => {
      this.#client.sftp((error, wrapper) => {
        if (error === undefined) {
          wrapper.once("close", release);
          resolve(new Ssh2Sftp(wrapper));
        } else if ("reason" in error && typeof error.reason === "number") {
          reject(error);
        } else {
          const refused = `${this.#target} offers no file transfer: ${messageOf(error)}`;
          reject(this.#lost() ?? new HoldfastError("unsupported", refused, { cause: error }));
        }
      });
    });
  }

  async alive(limitMs: number): Promise<boolean> {
    if (this.closed) return false;
    const from = monotonicMs();
    const heard = this.#inbound.wait(limitMs);
    if (this.#traits.answersPings) void roundTrip(this.#client);
    await heard;
    return !this.closed && (!this.#traits.answersPings || monotonicMs() - from < limitMs);
  }

  /** Resolves when the server has answered a request for a sign of life, or the connection is gone. */
  async #roundTrip(): Promise<void> {
    if (!this.closed) await roundTrip(this.#client);
  }

  #watch(periodMs: number): Keepalive {
    const keepalive = new Keepalive({
      periodMs,
      ask: () => void roundTrip(this.#client),
      dead: () => {
        this.#reason ??= `nothing came from the server for ${Math.round((3 * periodMs) / 1000)} s`;
        this.#socket.destroy();
      },
    });
    this.#socket.on("data", () => {
      keepalive.heard();
      this.#inbound.fire();
    });
    // One failure may show as several errors; `close` is what counts.
    this.#client.on("error", (error) => {
      this.#reason ??= messageOf(error);
    });
    this.#client.once("close", () => this.#wentDown());
    return keepalive;
  }

  #wentDown(): void {
    if (this.#closeReason !== undefined) return;
    this.#closeReason = this.#reason ?? "the server closed the connection";
    this.#keepalive.stop();
    for (const listener of this.#closeListeners.splice(0)) listener(this.#closeReason);
  }

  #lost(): HoldfastError | undefined {
    if (this.#closeReason === undefined && !this.#socket.destroyed && this.#reason === undefined) return undefined;
    const reason = this.#closeReason ?? this.#reason ?? "the server closed the connection";
    return new HoldfastError("connection_lost", `the connection to ${this.#target} is gone: ${reason}`, {
      hint: "Connect again",
    });
  }

  /** Sends requests on a session channel; resolves when the last one is granted. */
  async #start(listener: ChannelListener, request: (stream: SessionStream) => void, what: string): Promise<SshChannel> {
    for (let attempt = 1; ; attempt += 1) {
      const stream = await this.#channels.take();
      const started = await this.#request(stream, listener, request);
      if (started instanceof Ssh2Channel) return started;
      const lost = this.#lost();
      if (lost !== undefined) throw lost;
      if (started === "closed" && this.#traits.closesUnusedSessions && attempt < startAttempts) continue;
      throw new HoldfastError("unsupported", `${this.#target} refused to ${what}`, {
        hint: "The user's account may be limited to file transfer, forwarding or one fixed command",
      });
    }
  }

  /** The running channel, or how the server turned the request down: by saying so, or by closing the channel. */
  #request(
    stream: SessionStream,
    listener: ChannelListener,
    request: (stream: SessionStream) => void,
  ): Promise<Ssh2Channel | "refused" | "closed"> {
    if (stream.outgoing.state !== "open") return Promise.resolve("closed");
    return new Promise((resolve) => {
      let granted = false;
      const guarded: ChannelListener = {
        onStdout: (bytes) => listener.onStdout(bytes),
        onStderr: (bytes) => listener.onStderr(bytes),
        onEnd: (end) => {
          if (granted) listener.onEnd(end);
        },
      };
      const ask = this.#traits.answersPings ? () => this.#roundTrip() : undefined;
      const channel = new Ssh2Channel({ client: this.#client, stream, listener: guarded, roundTrip: ask });
      request(stream);
      stream._callbacks.push((failed) => {
        granted = failed === false;
        if (granted) {
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
    protocolOf(this.#client).pty(stream.outgoing.id, terminal.rows, terminal.columns, 0, 0, terminal.term, null, false);
  }
}
