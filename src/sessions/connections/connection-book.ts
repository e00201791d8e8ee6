import { HoldfastError, every, monotonicMs } from "../../base/index.ts";
import type { ConnectPlan, FirstExec, SshConnection, SshEngine } from "../../ssh/index.ts";
import { connectionKey } from "./connection-key.ts";
import { idleLimitOf, wishIdleLimit } from "./idle-limit.ts";
import { openStream } from "./open-stream.ts";
import { primed } from "./primed.ts";
import { retryTransient } from "./retry-transient.ts";

/** A session holds one channel for as long as it is attached; one more is needed for looks at the host. Where a connection has but one, looks go over others. */
const channelsOfSession = 2;

/** How often idle connections are looked for. */
const lookEveryMs = 1_000;

interface Entry {
  readonly connection: SshConnection;
  lastUseMs: number;
}

/**
 * Open connections by where they go, how, and who goes there; shared by all sessions of this process, closed when nobody used them for as
 * long as the most patient plan of those that share one says, and by `close`. What a connection goes through is a connection of the book itself.
 */
export class ConnectionBook {
  readonly #engine: SshEngine;
  readonly #open = new Map<string, Entry[]>();
  readonly #dialing = new Map<string, Promise<SshConnection>>();
  readonly #stopLooking: () => void;
  #closed = false;

  constructor(engine: SshEngine) {
    this.#engine = engine;
    this.#stopLooking = every(lookEveryMs, () => {
      this.#closeIdle();
    });
  }

  /**
   * A connection for `plan` with channels to spare: an open one, or a new one, with which `first` may go out. Rejects as `SshEngine.connect`
   * does, after the retries of the plan; none is made once `first` has gone out.
   */
  get(plan: ConnectPlan, first?: FirstExec): Promise<SshConnection> {
    return this.#get(plan, channelsOfSession, first);
  }

  /** The same for what needs no session channel: streams that are forwarded. */
  forForwards(plan: ConnectPlan): Promise<SshConnection> {
    return this.#get(plan, 0);
  }

  /** Closes all connections; resolves when they are down, after at most 2 s. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#stopLooking();
    const all = [...this.#open.values()].flat();
    this.#open.clear();
    await Promise.all(all.map(({ connection }) => connection.close()));
  }

  async #get(plan: ConnectPlan, channels: number, first?: FirstExec): Promise<SshConnection> {
    const key = connectionKey(plan);
    const usable = this.#usable(key, plan, channels);
    if (usable !== undefined) return usable;
    const underway = this.#dialing.get(key);
    if (underway !== undefined) {
      await underway;
      return this.#usable(key, plan, channels) ?? this.#get(plan, channels, first);
    }
    const dial = this.#dial(key, plan, first);
    this.#dialing.set(key, dial);
    try {
      return await dial;
    } finally {
      this.#dialing.delete(key);
    }
  }

  #usable(key: string, plan: ConnectPlan, channels: number): SshConnection | undefined {
    const entry = this.#open
      .get(key)
      ?.find(
        ({ connection }) =>
          !connection.closed && connection.freeChannels >= Math.min(channels, connection.channelLimit),
      );
    if (entry === undefined) return undefined;
    entry.lastUseMs = monotonicMs();
    wishIdleLimit(entry.connection, plan.idleMs);
    return entry.connection;
  }

  async #dial(key: string, plan: ConnectPlan, first: FirstExec | undefined): Promise<SshConnection> {
    const connection = await this.#connect(plan, first);
    if (this.#closed) {
      await connection.close();
      throw new HoldfastError("cancelled", `the connection to ${plan.alias} was not wanted any more`, {
        hint: "Call again",
      });
    }
    const entry: Entry = { connection, lastUseMs: monotonicMs() };
    wishIdleLimit(connection, plan.idleMs);
    this.#open.set(key, [...(this.#open.get(key) ?? []), entry]);
    connection.onClosed(() => {
      this.#remove(key, entry);
    });
    return connection;
  }

  async #connect(plan: ConnectPlan, first: FirstExec | undefined): Promise<SshConnection> {
    const hop = plan.via?.at(-1);
    const once = sendOnce(first);
    if (hop === undefined) return retryTransient(plan, once, () => this.#engine.connect(plan, undefined, once.exec));
    // A bastion that cannot be reached has had its own attempts.
    let bastion = await this.#bastion(plan, hop);
    return retryTransient(plan, once, async () => {
      if (bastion.closed) bastion = await this.#bastion(plan, hop);
      return this.#engine.connect(plan, undefined, once.exec, () =>
        openStream(bastion, { host: plan.host, port: plan.port }, plan.connectTimeoutMs),
      );
    });
  }

  /** The connection that `plan` goes through, itself made through those before it. */
  async #bastion({ via = [] }: ConnectPlan, hop: ConnectPlan): Promise<SshConnection> {
    const connection = await this.forForwards({ ...hop, via: via.slice(0, -1) });
    await primed(connection);
    return connection;
  }

  #closeIdle(): void {
    const now = monotonicMs();
    for (const [key, entries] of this.#open) {
      for (const entry of entries) {
        if (!entry.connection.idle) entry.lastUseMs = now;
        const idleMs = idleLimitOf(entry.connection);
        if (idleMs === undefined || now - entry.lastUseMs < idleMs) continue;
        this.#remove(key, entry);
        entry.connection.close().catch(() => undefined);
      }
    }
  }

  #remove(key: string, entry: Entry): void {
    const left = (this.#open.get(key) ?? []).filter((one) => one !== entry);
    if (left.length === 0) this.#open.delete(key);
    else this.#open.set(key, left);
  }
}

/** The command that may go out with the login, watched: once it has, no further attempt may be made. */
function sendOnce(first: FirstExec | undefined): { readonly exec: FirstExec | undefined; readonly final: boolean } {
  let sent = false;
  const exec: FirstExec | undefined = first && {
    ...first,
    sent: () => {
      sent = true;
      first.sent();
    },
  };
  return {
    exec,
    get final() {
      return sent;
    },
  };
}
