import type { Duplex } from "node:stream";
import { HoldfastError, monotonicMs } from "../base/index.ts";
import { AuthOrder } from "./auth-order.ts";
import { gatherCredentials } from "./credentials.ts";
import { corkWrites } from "./dial.ts";
import type { ConnectPlan, FirstExec, PersonQuestions, SshConnection, SshEngine } from "./engine.ts";
import { Handshake } from "./handshake.ts";
import { describeTarget } from "./describe-target.ts";
import { HostKeyCheck, readKnownHosts } from "./host-key-check.ts";
import { Predictions } from "./predictions.ts";
import { ReadBuffer } from "./read-buffer.ts";
import { usualChannelLimit } from "./session-channels.ts";
import { Ssh2Connection } from "./ssh2-connection.ts";
import { decryptsElsewhere } from "./ssh2-internals.ts";
import { loadSsh2 } from "./ssh2-library.ts";
import { openWay } from "./way-there.ts";

interface EngineOptions {
  readonly channelLimit?: number | undefined;
  readonly people?: PersonQuestions | undefined;
}

interface ConnectRequest extends EngineOptions {
  readonly channelLimit: number;
  readonly signal: AbortSignal | undefined;
  readonly first: FirstExec | undefined;
  readonly predictions: Predictions;
  readonly stream: (() => Promise<Duplex>) | undefined;
}

async function connect(plan: ConnectPlan, request: ConnectRequest): Promise<SshConnection> {
  const { channelLimit, signal, first, people, predictions } = request;
  if (signal?.aborted === true) {
    throw new HoldfastError("cancelled", `connecting to ${describeTarget(plan)} was cancelled`);
  }
  const place = `${plan.host}:${plan.port}`;
  const deadline = monotonicMs() + plan.connectTimeoutMs;
  const library = await loadSsh2();
  // Everything local first: a key that cannot be read must not cost the server a half-made connection.
  const [entries, credentials] = await Promise.all([
    readKnownHosts(plan),
    gatherCredentials(library, plan, people !== undefined),
  ]);
  const reads = new ReadBuffer();
  const way = await openWay(plan, { limitMs: deadline - monotonicMs(), signal, reads, stream: request.stream });
  const { socket } = way;
  corkWrites(socket);
  const client = new library.Client();
  reads.letsGo = () => decryptsElsewhere(client);
  const predict = predictions.allows(place);
  const preferred = plan.preferredAuthentications;
  const auth = new AuthOrder({ credentials, people: people !== undefined, preferred });
  const hostKey = new HostKeyCheck(plan, entries);
  const handshake = new Handshake({
    library,
    plan,
    client,
    socket,
    signal,
    people,
    hostKey,
    auth,
    leftOut: credentials.leftOut,
    limitMs: deadline - monotonicMs(),
    first: predict ? first : undefined,
  });
  try {
    await handshake.run();
  } catch (error) {
    if (handshake.ahead !== undefined) predictions.failed(place, "unclear");
    throw await way.explain(error);
  }
  return new Ssh2Connection({
    client,
    socket,
    serverIdentification: handshake.identification,
    hostKey: hostKey.acceptedKey,
    target: describeTarget(plan),
    keepaliveMs: plan.keepaliveMs,
    spareChannel: plan.spareChannel,
    channelLimit,
    predict,
    ahead: handshake.ahead,
    mispredicted: (why) => {
      predictions.failed(place, why);
    },
  });
}

/**
 * The engine that speaks SSH itself, with ssh2; it opens at most `channelLimit` session channels on a connection, and `people` answer what servers
 * ask at the login. Between connections it only remembers which servers are not to be predicted.
 */
export function createSsh2Engine({ channelLimit = usualChannelLimit, people }: EngineOptions = {}): SshEngine {
  const predictions = new Predictions();
  return {
    connect: (plan, signal, first, stream) =>
      connect(plan, { channelLimit, signal, first, people, predictions, stream }),
  };
}
