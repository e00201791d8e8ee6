import type { Client } from "ssh2";
import { HoldfastError, Semaphore } from "../base/index.ts";
import { openSession, type SessionStream } from "./ssh2-internals.ts";

/** OpenSSH allows 10 sessions on a connection by default; two are left for a spare one and for others. */
export const usualChannelLimit = 8;

/** When the server has refused one more channel, how long to wait for one of those in use: others may be there to stay. */
const placeWaitMs = 3000;

/** RFC 4254 §5.1 SSH_OPEN_CONNECT_FAILED, which OpenSSH sends when MaxSessions is reached, and SSH_OPEN_RESOURCE_SHORTAGE. */
const refusedForNow: readonly unknown[] = [2, 4];

function isRefusedForNow(error: unknown): boolean {
  return error instanceof Error && "reason" in error && refusedForNow.includes(error.reason);
}

interface ChannelSource {
  readonly client: Client;
  readonly spare: boolean;
  /** How many to open at most, as long as the server does not show that it allows fewer. */
  readonly limit: number;
  /** Channels that have a place without need, and what closes one of them. */
  readonly idle: { kept(): number; letGo(): void };
  /** The error to reject with when the connection is gone, else undefined. */
  lost(): HoldfastError | undefined;
}

/**
 * Session channels of one connection: never more than the server allows, and one spare opened ahead so that the next
 * command costs one round trip. The spare serves whoever comes next, so it never takes a place from anyone.
 */
export class SessionChannels {
  readonly #source: ChannelSource;
  readonly #places: Semaphore;
  #spareWanted: boolean;
  #spare: Promise<SessionStream | undefined> | undefined;
  #open = 0;
  #refused = false;
  #waiting = 0;

  constructor(source: ChannelSource) {
    this.#source = source;
    this.#places = new Semaphore(source.limit);
    this.#spareWanted = source.spare;
  }

  get free(): number {
    return this.#places.free + this.#source.idle.kept();
  }

  /** None is in use, but for the spare one. */
  get idle(): boolean {
    return this.#places.held === this.#source.idle.kept();
  }

  /** Somebody waits for a place. */
  get wanted(): boolean {
    return this.#waiting > 0;
  }

  /** How many can be open at a time, as far as the server has told. */
  get limit(): number {
    return this.#places.limit;
  }

  /** Opens the spare channel unless there is one. */
  prepare(): void {
    if (!this.#spareWanted || this.#spare !== undefined || this.#source.lost() !== undefined) return;
    const spare = this.#openSpare();
    this.#spare = spare;
    void spare.then((stream) => {
      stream?.once("close", () => {
        if (this.#spare === spare) this.#spare = undefined;
      });
    });
  }

  /** A session channel on which nothing runs yet; its place is given back when it closes. */
  async take(): Promise<SessionStream> {
    return this.#withPlace(async (release) => {
      const spare = await this.#takeSpare();
      // The connection may have gone down with the spare one: ssh2 answers no request after that.
      const lost = spare === undefined ? this.#source.lost() : undefined;
      if (lost !== undefined) throw lost;
      const stream = spare ?? (await this.#openCounted());
      stream.once("close", release);
      this.prepare();
      return stream;
    });
  }

  /** Runs `open`, which opens a session channel in its own way, under a place; it calls `release` when the channel closes. */
  async takeOther<T>(open: (release: () => void) => Promise<T>): Promise<T> {
    return this.#withPlace(async (release) => {
      this.#open += 1;
      const closed = (): void => {
        this.#open -= 1;
        release();
      };
      try {
        return await open(closed);
      } catch (error) {
        this.#open -= 1;
        if (isRefusedForNow(error)) await this.#dropSpare();
        throw error;
      }
    });
  }

  /** Waits for a place and opens; when the server refuses, it allows fewer than we thought: waits for one that is in use. */
  async #withPlace<T>(open: (release: () => void) => Promise<T>): Promise<T> {
    let spareDropped = false;
    for (;;) {
      const release = await this.#place();
      if (release === undefined) throw allInUse(this.#places.limit);
      try {
        const lost = this.#source.lost();
        if (lost !== undefined) throw lost;
        return await open(release);
      } catch (error) {
        if (isRefusedForNow(error)) this.#shrink();
        release();
        const lost = this.#source.lost();
        if (lost !== undefined) throw lost;
        if (!isRefusedForNow(error)) throw error;
        if (this.#open === 0 && spareDropped) {
          throw new HoldfastError("unsupported", "the server refuses to open a session", {
            hint: "Its MaxSessions may be 0, or this user may only forward ports",
            cause: error,
          });
        }
        spareDropped = true;
      }
    }
  }

  async #place(): Promise<(() => void) | undefined> {
    if (this.#places.free === 0) this.#source.idle.letGo();
    this.#waiting += 1;
    try {
      return await (this.#refused ? this.#places.acquire(placeWaitMs) : this.#places.acquire());
    } finally {
      this.#waiting -= 1;
    }
  }

  /** The server has said how many it allows: as many as are open. */
  #shrink(): void {
    this.#refused = true;
    this.#places.shrink(this.#open);
  }

  async #openCounted(): Promise<SessionStream> {
    const stream = await openSession(this.#source.client);
    this.#open += 1;
    stream.once("close", () => {
      this.#open -= 1;
    });
    stream.on("error", () => undefined);
    // Nothing comes before something runs, but a stream that is not read never tells that it was closed.
    stream.resume();
    stream.stderr.resume();
    return stream;
  }

  async #openSpare(): Promise<SessionStream | undefined> {
    try {
      return await this.#openCounted();
    } catch (error) {
      // Refused: this server has no place for a spare one. Whoever waits for it opens a channel and gets the reason.
      this.#spareWanted = false;
      if (isRefusedForNow(error)) this.#shrink();
      return undefined;
    }
  }

  async #takeSpare(): Promise<SessionStream | undefined> {
    const spare = this.#spare;
    this.#spare = undefined;
    const stream = await spare;
    // One that went down with its connection stays open on our side.
    return stream?.outgoing.state === "open" && stream.incoming.state === "open" ? stream : undefined;
  }

  async #dropSpare(): Promise<void> {
    this.#spareWanted = false;
    const stream = await this.#takeSpare();
    if (stream === undefined) return;
    await new Promise<void>((resolve) => {
      stream.once("close", () => {
        resolve();
      });
      stream.close();
    });
  }
}

function allInUse(limit: number): HoldfastError {
  return new HoldfastError(
    "limit_reached",
    `all ${limit} channels that the server allows on this connection are in use`,
    {
      hint: "Call again: another connection is used then",
    },
  );
}
