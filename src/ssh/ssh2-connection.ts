import type { Duplex } from "node:stream";
import type { Client } from "ssh2";
import { HoldfastError, Pulse, after, messageOf, monotonicMs } from "../base/index.ts";
import type {
  ChannelListener,
  ExecOptions,
  ForwardPoint,
  PseudoTerminal,
  RemoteForward,
  RemoteStreamOffer,
  SftpProgram,
  SshChannel,
  SshConnection,
} from "./engine.ts";
import type { SftpSession } from "./sftp-session.ts";
import { Keepalive } from "./keepalive.ts";
import { traitsOf, type ServerTraits } from "./server-traits.ts";
import type { ExecAhead } from "./exec-ahead.ts";
import { SessionChannels } from "./session-channels.ts";
import { SessionRequests } from "./session-requests.ts";
import { Ssh2Forwards } from "./ssh2-forwards.ts";
import { SftpChannels } from "./sftp-channels.ts";
import { roundTrip } from "./ssh2-internals.ts";
import { Ssh2X11 } from "./ssh2-x11.ts";
import { UntilDown } from "./until-down.ts";

/** How long a connection may take to go down in good order. */
const closeLimitMs = 2000;

export interface ConnectionParts {
  readonly client: Client;
  readonly socket: Duplex;
  readonly serverIdentification: string;
  readonly hostKey: string;
  /** How messages name the target. */
  readonly target: string;
  readonly keepaliveMs: number;
  readonly spareChannel: boolean | undefined;
  readonly channelLimit: number;
  /** The number of the first channel may be predicted, where the server is known to give them in order. */
  readonly predict: boolean;
  /** The command that went out before the login was answered. */
  readonly ahead: ExecAhead | undefined;
  /** A prediction was wrong, or the connection went down before it could show (`unclear`). */
  mispredicted(why: "wrong" | "unclear"): void;
  /** Whether requests for X11 come through; default: yes. */
  readonly carriesX11?: boolean;
  /** Has the server listen in another way than by requests on this connection. */
  readonly listener?: (lost: () => HoldfastError | undefined) => RemoteListening;
  /** Ends what is underneath, once the connection is down; `close` waits for it. Never rejects. */
  readonly ended?: () => Promise<void>;
}

interface RemoteListening {
  readonly idle: boolean;
  listen(at: ForwardPoint, offered: (offer: RemoteStreamOffer) => void): Promise<RemoteForward>;
  lost(error: HoldfastError): void;
}

/** An authenticated connection made with ssh2. */
export class Ssh2Connection implements SshConnection {
  readonly serverIdentification: string;
  readonly hostKey: string;
  readonly carriesX11: boolean;
  readonly #client: Client;
  readonly #socket: Duplex;
  readonly #target: string;
  readonly #channels: SessionChannels;
  readonly #transfers: SftpChannels;
  readonly #requests: SessionRequests;
  readonly #mispredicted: ConnectionParts["mispredicted"];
  readonly #forwards: Ssh2Forwards;
  readonly #listener: RemoteListening | undefined;
  readonly #end: () => Promise<void>;
  #ending: Promise<void> | undefined;
  readonly #keepalive: Keepalive;
  readonly #traits: ServerTraits;
  readonly #closeListeners: ((reason: string) => void)[] = [];
  readonly #inbound = new Pulse();
  readonly #asked = new UntilDown();
  #reason: string | undefined;
  #closeReason: string | undefined;

  constructor(parts: ConnectionParts) {
    this.serverIdentification = parts.serverIdentification;
    this.hostKey = parts.hostKey;
    this.carriesX11 = parts.carriesX11 ?? true;
    this.#client = parts.client;
    this.#socket = parts.socket;
    this.#target = parts.target;
    this.#traits = traitsOf(parts.serverIdentification);
    const idle = {
      kept: () => this.#transfers.kept,
      letGo: () => this.#transfers.letGo(),
    };
    this.#channels = new SessionChannels({
      client: parts.client,
      spare: parts.spareChannel ?? this.#traits.spareChannel,
      limit: parts.channelLimit,
      idle,
      lost: () => this.#lost(),
    });
    this.#transfers = new SftpChannels({
      client: parts.client,
      target: parts.target,
      channels: this.#channels,
      keeps: parts.spareChannel ?? this.#traits.spareChannel,
      triesAgain: this.#traits.closesUnusedSessions,
      lost: () => this.#lost(),
    });
    this.#mispredicted = (why) => {
      parts.mispredicted(why);
    };
    this.#requests = this.#startRequests(parts);
    this.#forwards = new Ssh2Forwards({ client: parts.client, target: parts.target, lost: () => this.#lost() });
    this.#listener = parts.listener?.(() => this.#lost());
    this.#end = async () => parts.ended?.();
    this.onClosed(() => {
      this.#forwards.lost();
      const lost = this.#lost();
      if (lost !== undefined) this.#listener?.lost(lost);
      this.#ending = this.#end();
    });
    this.#keepalive = this.#watch(parts.keepaliveMs);
    // Whoever connects mostly has a command to run, at once: that may take the first channel.
    after(0, () => {
      this.#requests.settle();
      this.#channels.prepare();
    });
  }

  get closed(): boolean {
    return this.#lost() !== undefined;
  }

  get idle(): boolean {
    return this.#channels.idle && this.#forwards.idle && this.#listener?.idle !== false;
  }

  get freeChannels(): number {
    return this.closed ? 0 : Math.max(0, this.#channels.free - this.#requests.unplaced);
  }

  get channelLimit(): number {
    return this.#channels.limit;
  }

  async exec(command: string, listener: ChannelListener, options: ExecOptions = {}): Promise<SshChannel> {
    return this.#settle(this.#requests.exec(command, listener, options));
  }

  async shell(terminal: PseudoTerminal, listener: ChannelListener): Promise<SshChannel> {
    return this.#settle(this.#requests.shell(terminal, listener));
  }

  async sftp(program?: SftpProgram): Promise<SftpSession> {
    this.#requests.settle();
    return this.#settle(this.#transfers.open(program));
  }

  forwardOut(to: ForwardPoint): Promise<Duplex> {
    this.#requests.settle();
    return this.#forwards.out(to);
  }

  forwardIn(at: ForwardPoint, offered: (offer: RemoteStreamOffer) => void): Promise<RemoteForward> {
    this.#requests.settle();
    return (this.#listener ?? this.#forwards).listen(at, offered);
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
        resolve(this.#ending);
      });
      this.#client.end();
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
    if (this.#closeReason === undefined) await roundTrip(this.#client);
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

  #startRequests({ client, target, predict, ahead }: ConnectionParts): SessionRequests {
    return new SessionRequests({
      client,
      target,
      predict,
      ahead,
      x11: new Ssh2X11({ client, carried: this.carriesX11 }),
      channels: this.#channels,
      traits: this.#traits,
      roundTrip: this.#traits.answersPings ? () => this.#roundTrip() : undefined,
      lost: () => this.#lost(),
      mispredicted: () => {
        this.#mispredicted("wrong");
        this.#reason ??= "the server numbers its channels in another way than was thought";
        this.#socket.destroy();
      },
    });
  }

  #wentDown(): void {
    if (this.#closeReason !== undefined) return;
    if (this.#requests.guessing) this.#mispredicted("unclear");
    this.#closeReason = this.#reason ?? "the server closed the connection";
    this.#keepalive.stop();
    this.#asked.down();
    for (const listener of this.#closeListeners.splice(0)) listener(this.#closeReason);
  }

  #settle<T>(work: Promise<T>): Promise<T> {
    return this.#asked.settle(work, () => (this.#closeReason === undefined ? undefined : this.#lost()));
  }

  #lost(): HoldfastError | undefined {
    if (this.#closeReason === undefined && !this.#socket.destroyed && this.#reason === undefined) return undefined;
    const reason = this.#closeReason ?? this.#reason ?? "the server closed the connection";
    return new HoldfastError("connection_lost", `the connection to ${this.#target} is gone: ${reason}`, {
      hint: "Connect again",
    });
  }
}
