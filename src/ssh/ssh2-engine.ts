import { HoldfastError, monotonicMs } from "../base/index.ts";
import { AuthOrder } from "./auth-order.ts";
import { gatherCredentials } from "./credentials.ts";
import { corkWrites, dial } from "./dial.ts";
import type { ConnectPlan, PersonQuestions, SshConnection, SshEngine } from "./engine.ts";
import { Handshake } from "./handshake.ts";
import { describeTarget } from "./describe-target.ts";
import { HostKeyCheck, readKnownHosts } from "./host-key-check.ts";
import { usualChannelLimit } from "./session-channels.ts";
import { Ssh2Connection } from "./ssh2-connection.ts";
import { loadSsh2 } from "./ssh2-library.ts";

interface EngineOptions {
  readonly channelLimit?: number | undefined;
  readonly people?: PersonQuestions | undefined;
}

interface ConnectRequest extends EngineOptions {
  readonly channelLimit: number;
  readonly signal: AbortSignal | undefined;
}

async function connect(plan: ConnectPlan, { channelLimit, signal }: ConnectRequest): Promise<SshConnection> {
  if (signal?.aborted === true) {
    throw new HoldfastError("cancelled", `connecting to ${describeTarget(plan)} was cancelled`);
  }
  const deadline = monotonicMs() + plan.connectTimeoutMs;
  const library = await loadSsh2();
  // Everything local first: a key that cannot be read must not cost the server a half-made connection.
  const [entries, credentials] = await Promise.all([readKnownHosts(plan), gatherCredentials(library, plan)]);
  const socket = await dial(plan, deadline - monotonicMs(), signal);
  corkWrites(socket);
  const client = new library.Client();
  const handshake = new Handshake({
    plan,
    client,
    socket,
    signal,
    hostKey: new HostKeyCheck(plan, entries),
    auth: new AuthOrder(plan.user, credentials),
    leftOut: credentials.leftOut,
    limitMs: deadline - monotonicMs(),
  });
  await handshake.run();
  return new Ssh2Connection({
    client,
    socket,
    serverIdentification: handshake.identification,
    target: describeTarget(plan),
    keepaliveMs: plan.keepaliveMs,
    spareChannel: plan.spareChannel,
    channelLimit,
  });
}

/**
 * The engine that speaks SSH itself, with ssh2; it opens at most `channelLimit` session channels on a connection, and `people` answer what servers
 * ask at the login. It holds no state between connections.
 */
export function createSsh2Engine({ channelLimit = usualChannelLimit, people }: EngineOptions = {}): SshEngine {
  return { connect: (plan, signal) => connect(plan, { channelLimit, signal, people }) };
}
