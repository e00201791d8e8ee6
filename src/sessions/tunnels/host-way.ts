import type { Duplex } from "node:stream";
import {
  HoldfastError,
  asHoldfastError,
  delay,
  jitter,
  monotonicMs,
  timeIsUp,
  withDeadline,
} from "../../base/index.ts";
import type { ForwardPoint, SshConnection } from "../../ssh/index.ts";
import { openStream } from "../connections/open-stream.ts";
import { primed } from "../connections/primed.ts";

/** While the SSH connection is away, how long a new connection through the tunnel waits for it. */
const awayMs = 20_000;

/** How long the host may take to connect to where a tunnel leads. */
const openMs = 30_000;

/** First and longest pause between attempts to connect again. */
const firstPauseMs = 300;
const longestPauseMs = 5_000;

/** After a failure that time does not heal (a refused login), how long no further attempt is made: servers punish those. */
const refusedMs = 60_000;

/** A connection that breaks while a stream is being opened over it is replaced this often. */
const openAttempts = 2;

/** The way of one tunnel to its host: the SSH connection of the session or target, made anew when it is gone and somebody needs it. */
export class HostWay {
  readonly #connect: () => Promise<SshConnection>;
  #connection: SshConnection | undefined;
  #connecting: Promise<SshConnection> | undefined;
  #refused: { readonly error: HoldfastError; readonly untilMs: number } | undefined;

  constructor(connect: () => Promise<SshConnection>) {
    this.#connect = connect;
  }

  /** The connection as it is, or a new one: one attempt, shared by all who ask meanwhile. Rejects as connecting does. */
  async connection(): Promise<SshConnection> {
    if (this.#connection?.closed === false) return this.#connection;
    if (this.#refused !== undefined && monotonicMs() < this.#refused.untilMs) throw this.#refused.error;
    this.#connecting ??= this.#dial();
    return this.#connecting;
  }

  /** The connection, waited for a while if it cannot be had at once. */
  async patientConnection(signal: AbortSignal): Promise<SshConnection> {
    const deadline = monotonicMs() + awayMs;
    for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
      try {
        const connection = await withDeadline(this.connection(), deadline - monotonicMs());
        if (connection !== timeIsUp) return connection;
        throw new HoldfastError("timed_out", "the SSH connection of the tunnel did not come back in time");
      } catch (error) {
        const late = monotonicMs() + pauseMs > deadline;
        if (late || signal.aborted || !asHoldfastError(error).retryable) throw error;
      }
      await delay(pauseMs * jitter(0.3), signal);
    }
  }

  /** A stream to `to` as the host sees it. Rejects as `forwardOut` does, or with `timed_out`. */
  async stream(to: ForwardPoint, signal: AbortSignal): Promise<Duplex> {
    for (let attempt = 1; ; attempt += 1) {
      const connection = await this.patientConnection(signal);
      try {
        return await openStream(connection, to, openMs);
      } catch (error) {
        if (attempt >= openAttempts || asHoldfastError(error).code !== "connection_lost") throw error;
      }
    }
  }

  async #dial(): Promise<SshConnection> {
    try {
      const connection = await this.#connect();
      await primed(connection);
      this.#connection = connection;
      this.#refused = undefined;
      return connection;
    } catch (thrown) {
      const error = asHoldfastError(thrown);
      if (!error.retryable) this.#refused = { error, untilMs: monotonicMs() + refusedMs };
      throw error;
    } finally {
      this.#connecting = undefined;
    }
  }
}
