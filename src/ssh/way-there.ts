import type { Duplex } from "node:stream";
import { HoldfastError, delay } from "../base/index.ts";
import { describeTarget } from "./describe-target.ts";
import { dial } from "./dial.ts";
import type { ConnectPlan } from "./engine.ts";
import { startProxyCommand } from "./proxy-command.ts";
import type { ReadBuffer } from "./read-buffer.ts";

/** A ProxyCommand that fails closes its output first; its last words and its end come a moment later. */
const lastWordsMs = 100;

interface WayRequest {
  readonly limitMs: number;
  readonly signal: AbortSignal | undefined;
  readonly reads: ReadBuffer;
  /** Opens what takes the place of the TCP connection. */
  readonly stream?: (() => Promise<Duplex>) | undefined;
}

/** What the SSH connection runs over. */
interface WayThere {
  readonly socket: Duplex;
  /** The same failure of the handshake with what the way has to say about it. */
  explain(error: unknown): Promise<unknown>;
}

/** Opens the way that a plan names: a stream that is given, its ProxyCommand, or TCP. Rejects as `dial` and `stream` do. */
export async function openWay(plan: ConnectPlan, { limitMs, signal, reads, stream }: WayRequest): Promise<WayThere> {
  const explain = async (error: unknown): Promise<unknown> => error;
  if (stream !== undefined) return { socket: await stream(), explain };
  if (plan.proxyCommand === undefined) return { socket: await dial(plan, { limitMs, signal, reads }), explain };
  const proxy = startProxyCommand(plan.proxyCommand);
  return {
    socket: proxy.stream,
    explain: async (error) => {
      if (!(error instanceof HoldfastError) || error.code !== "dial_failed") return error;
      await delay(lastWordsMs);
      const complaint = proxy.complaint();
      const why = complaint === undefined ? "it closed its output" : complaint;
      return new HoldfastError(
        "dial_failed",
        `${describeTarget(plan)} could not be reached through its ProxyCommand: ${why}`,
        { hint: "Run the command by hand to see what it does", cause: error },
      );
    },
  };
}
