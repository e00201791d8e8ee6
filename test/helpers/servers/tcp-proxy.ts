import { connect, createServer, type Server, type Socket } from "node:net";
import { after, jitter, monotonicMs } from "../../../src/base/index.ts";

export interface TcpProxy {
  readonly port: number;
  /** Connections that go through it now. */
  readonly open: number;
  /** Bytes that went through, both directions. */
  readonly forwardedBytes: number;
  /** Stops forwarding in both directions and accepts nothing new, without closing anything. */
  blackhole(): void;
  /** Forwards again, what was held back first. */
  heal(): void;
  /** Cuts every connection with a reset. */
  killAll(): void;
  /** Holds every byte back for `oneWayMs` in each direction from now on, and as the link is otherwise. */
  delay(oneWayMs: number, link?: Link): void;
  stop(): Promise<void>;
}

/** What a link is beside long. */
export interface Link {
  /** A delay is so much longer or shorter, at random; bytes stay in their order. */
  readonly jitterMs?: number;
  /** What goes through in one direction, at most. */
  readonly bytesPerSecond?: number;
}

interface State {
  held: boolean;
  oneWayMs: number;
  link: Link;
  bytes: number;
  readonly sockets: Set<Socket>;
  readonly waiting: Set<() => void>;
}

/** When what is sent now arrives: behind what was sent before, however the delay varies. */
function dueTimes(state: State): (bytes: number) => number {
  let free = 0;
  let last = 0;
  return (bytes) => {
    const { jitterMs = 0, bytesPerSecond = Number.POSITIVE_INFINITY } = state.link;
    free = Math.max(free, monotonicMs()) + (bytes / bytesPerSecond) * 1_000;
    last = Math.max(last, free + state.oneWayMs * jitter(jitterMs / Math.max(1, state.oneWayMs)));
    return last;
  };
}

/** Moves bytes from one socket to the other, in order, as `state` allows. */
function pump(from: Socket, to: Socket, state: State): void {
  let full = false;
  const forward = (bytes: Buffer): void => {
    if (to.destroyed) return;
    state.bytes += bytes.length;
    if (to.write(bytes) || full) return;
    full = true;
    from.pause();
    to.once("drain", () => {
      full = false;
      if (!state.held) from.resume();
    });
  };
  const due = dueTimes(state);
  const line: { readonly dueMs: number; readonly action: () => void }[] = [];
  const arrive = (): void => {
    const [first] = line;
    if (first === undefined) return;
    after(first.dueMs - monotonicMs(), () => {
      // All that is due: a timer takes a millisecond at least, and one for each piece would be a narrow link.
      while (line[0] !== undefined && line[0].dueMs <= monotonicMs()) line.shift()?.action();
      arrive();
    });
  };
  const passOn = (action: () => void, bytes: number): void => {
    if (state.oneWayMs === 0 && line.length === 0) {
      action();
      return;
    }
    line.push({ dueMs: due(bytes), action });
    if (line.length === 1) arrive();
  };
  const deliver = (action: () => void, bytes = 0): void => {
    if (state.held) state.waiting.add(() => passOn(action, bytes));
    else passOn(action, bytes);
  };
  from.on("data", (bytes: Buffer) => deliver(() => forward(bytes), bytes.length));
  from.on("end", () => deliver(() => to.end()));
  from.on("error", () => undefined);
  from.on("close", () => {
    state.sockets.delete(from);
    deliver(() => to.destroy());
  });
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      if (address === null || typeof address === "string") reject(new Error("no port"));
      else resolve(address.port);
    });
  });
}

/** A TCP forwarder to 127.0.0.1:`targetPort` that can misbehave on command. */
export async function startTcpProxy(targetPort: number): Promise<TcpProxy> {
  const state: State = { held: false, oneWayMs: 0, link: {}, bytes: 0, sockets: new Set(), waiting: new Set() };
  const server = createServer({ noDelay: true, allowHalfOpen: true }, (near) => {
    const far = connect({ port: targetPort, host: "127.0.0.1", noDelay: true, allowHalfOpen: true });
    state.sockets.add(near).add(far);
    pump(near, far, state);
    pump(far, near, state);
  });
  const port = await listen(server);
  const killAll = (): void => {
    state.waiting.clear();
    for (const socket of state.sockets) socket.resetAndDestroy();
  };
  return {
    port,
    get open() {
      return state.sockets.size / 2;
    },
    get forwardedBytes() {
      return state.bytes;
    },
    blackhole: () => {
      state.held = true;
      for (const socket of state.sockets) socket.pause();
    },
    heal: () => {
      state.held = false;
      const waiting = [...state.waiting];
      state.waiting.clear();
      for (const action of waiting) action();
      for (const socket of state.sockets) socket.resume();
    },
    killAll,
    delay: (oneWayMs, link = {}) => {
      state.oneWayMs = oneWayMs;
      state.link = link;
    },
    stop: () =>
      new Promise((resolve) => {
        killAll();
        server.close(() => {
          resolve();
        });
      }),
  };
}
