import type { Duplex } from "node:stream";
import type { Config, Target } from "../../config/index.ts";
import { describeTarget, type ConnectPlan, type SshEngine } from "../../ssh/index.ts";
import { ConnectionBook } from "./connection-book.ts";
import { gateHandshakes } from "./handshake-gate.ts";
import { openStream } from "./open-stream.ts";
import { planRouteToDoor } from "./plan-route.ts";

/** The way to a target, up to its door. */
export interface OpenRoute {
  readonly plan: ConnectPlan;
  /** Opens what takes the place of the TCP connection; undefined where nothing lies between. */
  readonly stream: (() => Promise<Duplex>) | undefined;
  /** Closes the connections to the hosts on the way. */
  close(): Promise<void>;
}

interface RouteParts {
  readonly config: Config;
  readonly engine: SshEngine;
  /** Told each host on the way as it has been reached: `gate (10.0.0.1)`. */
  readonly onHop?: (hop: string) => void;
}

/** Connects to each host on the way to a target in turn, over connections of its own; no secret of the target itself is asked for. Rejects as connecting to the first that fails does. */
export async function openRoute(target: Target, { config, engine, onHop }: RouteParts): Promise<OpenRoute> {
  const plan = await planRouteToDoor(target, config);
  const { via = [] } = plan;
  const book = new ConnectionBook(gateHandshakes(engine));
  const close = (): Promise<void> => book.close();
  try {
    for (const [index, hop] of via.entries()) {
      const bastion = await book.forForwards({ ...hop, via: via.slice(0, index) });
      onHop?.(describeTarget(hop));
      if (index < via.length - 1) continue;
      const to = { host: plan.host, port: plan.port };
      return { plan, stream: () => openStream(bastion, to, plan.connectTimeoutMs), close };
    }
    return { plan, stream: undefined, close };
  } catch (error) {
    await close();
    throw error;
  }
}
