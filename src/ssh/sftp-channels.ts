import type { Client, SFTPWrapper } from "ssh2";
import { HoldfastError, after, messageOf } from "../base/index.ts";
import { placeAnswers } from "./answer-intake.ts";
import { leanCipher } from "./lean-cipher.ts";
import type { SftpProgram } from "./engine.ts";
import type { SessionChannels } from "./session-channels.ts";
import { startAttempts } from "./session-requests.ts";
import type { SftpSession } from "./sftp-session.ts";
import { windowsOf } from "./ssh2-internals.ts";
import { Ssh2Sftp, type Distance } from "./ssh2-sftp.ts";
import { startSftp } from "./ssh2-start-sftp.ts";
import { gatherRequests } from "./transfer-outbox.ts";

/** So long a channel that nobody uses is kept for the next one, with a small process on the host. */
const keptMs = 60_000;

interface SftpSource {
  readonly client: Client;
  readonly target: string;
  readonly channels: SessionChannels;
  /** The server bears channels that nobody uses. */
  readonly keeps: boolean;
  /** The server may close a session instead of using it, by bad luck. */
  readonly triesAgain: boolean;
  /** The error to reject with when the connection is gone, else undefined. */
  lost(): HoldfastError | undefined;
}

/** A channel on which file transfer runs. */
interface TransferChannel {
  readonly wrapper: SFTPWrapper;
  /** Who uses it now; nobody while it is kept. */
  user: Ssh2Sftp | undefined;
  /** Ends the time for which it is kept. */
  cancel(): void;
}

/**
 * File transfer channels of one connection. One that is left with nothing open is kept for the next one, as opening a channel takes five round trips;
 * kept ones count as free, and go as soon as somebody needs their places.
 */
export class SftpChannels {
  readonly #source: SftpSource;
  readonly #kept: TransferChannel[] = [];
  readonly #distance: Distance = { roundTripMs: undefined };

  constructor(source: SftpSource) {
    this.#source = source;
  }

  /** How many wait for somebody to use them. */
  get kept(): number {
    return this.#kept.length;
  }

  /** Closes one that is kept, so that its place gets free. */
  letGo(): void {
    const channel = this.#kept.shift();
    channel?.cancel();
    channel?.wrapper.end();
  }

  /** A session on a kept channel, or on a new one; with a program of its own on one for that alone. Rejects with `unsupported`, `limit_reached` or `connection_lost`. */
  async open(program?: SftpProgram): Promise<SftpSession> {
    if (program !== undefined) {
      const open = async (release: () => void): Promise<TransferChannel> => this.#start(release, program);
      return this.#use(await this.#source.channels.takeOther(open), false);
    }
    const kept = this.#kept.pop();
    kept?.cancel();
    if (kept !== undefined && this.#source.lost() === undefined) return this.#use(kept);
    for (let attempt = 1; ; attempt += 1) {
      try {
        return this.#use(await this.#source.channels.takeOther((release) => this.#start(release)));
      } catch (error) {
        const again = this.#source.triesAgain && attempt < startAttempts && this.#source.lost() === undefined;
        if (!again) throw error;
      }
    }
  }

  #use(channel: TransferChannel, keeps = this.#source.keeps): SftpSession {
    const { wrapper } = channel;
    const session = new Ssh2Sftp({
      wrapper,
      target: this.#source.target,
      distance: this.#distance,
      done: (clean) => {
        channel.user = undefined;
        const usable = clean && keeps && windowsOf(wrapper)?.outgoing.state === "open";
        if (usable && !this.#source.channels.wanted) this.#keep(channel);
        else wrapper.end();
      },
    });
    channel.user = session;
    return session;
  }

  #keep(channel: TransferChannel): void {
    this.#kept.push(channel);
    channel.cancel = after(keptMs, () => {
      this.#forget(channel);
      channel.wrapper.end();
    });
  }

  #forget(channel: TransferChannel): void {
    channel.cancel();
    const at = this.#kept.indexOf(channel);
    if (at >= 0) this.#kept.splice(at, 1);
  }

  #start(release: () => void, program?: SftpProgram): Promise<TransferChannel> {
    const { client, target } = this.#source;
    leanCipher(client);
    return new Promise((resolve, reject) => {
      startSftp(client, program, (error, wrapper) => {
        if (error === undefined) {
          wrapper.once("close", release);
          resolve(this.#taken(wrapper));
        } else if ("reason" in error && typeof error.reason === "number") {
          reject(error);
        } else {
          const refused = `${target} offers no file transfer: ${messageOf(error)}`;
          reject(this.#source.lost() ?? new HoldfastError("unsupported", refused, { cause: error }));
        }
      });
    });
  }

  #taken(wrapper: SFTPWrapper): TransferChannel {
    gatherRequests(wrapper);
    placeAnswers(wrapper);
    const channel: TransferChannel = { wrapper, user: undefined, cancel: () => undefined };
    wrapper.on("error", () => undefined);
    wrapper.once("close", () => {
      this.#forget(channel);
      channel.user?.lost();
    });
    return channel;
  }
}
