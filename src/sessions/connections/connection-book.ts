import { HoldfastError } from "../../base/index.ts";
import type { ConnectPlan, FirstExec, SshConnection, SshEngine } from "../../ssh/index.ts";

/** A session holds one channel for as long as it is attached; one more is needed for looks at the host. Where a connection has but one, looks go over others. */
const freeChannelsNeeded = 2;

/** Open connections by where they go and who goes there; shared by all sessions of this process, closed by `close`. */
export class ConnectionBook {
  readonly #engine: SshEngine;
  readonly #open = new Map<string, SshConnection[]>();
  readonly #dialing = new Map<string, Promise<SshConnection>>();
  #closed = false;

  constructor(engine: SshEngine) {
    this.#engine = engine;
  }

  /**
   * A connection for `plan` with a channel to spare: an open one, or a new one, with which `first` may go out. Rejects as
   * `SshEngine.connect` does.
   */
  async get(plan: ConnectPlan, first?: FirstExec): Promise<SshConnection> {
    const key = keyOf(plan);
    const usable = this.#usable(key);
    if (usable !== undefined) return usable;
    const underway = this.#dialing.get(key);
    if (underway !== undefined) {
      await underway;
      return this.#usable(key) ?? this.get(plan, first);
    }
    const dial = this.#dial(key, plan, first);
    this.#dialing.set(key, dial);
    try {
      return await dial;
    } finally {
      this.#dialing.delete(key);
    }
  }

  /** Closes all connections; resolves when they are down, after at most 2 s. */
  async close(): Promise<void> {
    this.#closed = true;
    const all = [...this.#open.values()].flat();
    this.#open.clear();
    await Promise.all(all.map((connection) => connection.close()));
  }

  #usable(key: string): SshConnection | undefined {
    const living = (this.#open.get(key) ?? []).filter((connection) => !connection.closed);
    this.#open.set(key, living);
    return living.find(({ freeChannels, channelLimit }) => freeChannels >= Math.min(freeChannelsNeeded, channelLimit));
  }

  async #dial(key: string, plan: ConnectPlan, first: FirstExec | undefined): Promise<SshConnection> {
    const connection = await this.#engine.connect(plan, undefined, first);
    if (this.#closed) {
      await connection.close();
      throw new HoldfastError("cancelled", `the connection to ${plan.alias} was not wanted any more`, {
        hint: "Call again",
      });
    }
    this.#open.set(key, [...(this.#open.get(key) ?? []), connection]);
    connection.onClosed(() => {
      this.#open.set(
        key,
        (this.#open.get(key) ?? []).filter((one) => one !== connection),
      );
    });
    return connection;
  }
}

/** Connections are shared only where place, person and credentials are the same. */
function keyOf(plan: ConnectPlan): string {
  const { host, port, user, identityFiles, agentSocket, password, hostKeyAlias } = plan;
  return JSON.stringify([host, port, user, hostKeyAlias, identityFiles, agentSocket, password]);
}
