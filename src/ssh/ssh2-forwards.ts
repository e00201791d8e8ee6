import type { Duplex } from "node:stream";
import type { Channel, Client } from "ssh2";
import { HoldfastError, oneLine, messageOf, timeIsUp, withDeadline } from "../base/index.ts";
import type { ForwardPoint, RemoteForward, RemoteStreamOffer } from "./engine.ts";
import { openForwardStream } from "./forward-stream.ts";

/** Listening, or ceasing to, needs no more of a server than an answer. */
const answerMs = 10_000;

/** The reasons of RFC 4254 §5.1 with which a server turns a channel down. */
const prohibited = 1;
const connectFailed = 2;
const resourceShortage = 4;

/** Room for what a server says. */
const longestReason = 200;

interface ForwardDeps {
  readonly client: Client;
  /** How messages name the target. */
  readonly target: string;
  /** The error to reject with when the connection is gone, else undefined. */
  lost(): HoldfastError | undefined;
}

type Answer = (error: Error | null | undefined, port?: number) => void;

/** The forwarded streams of one connection, in both directions. */
export class Ssh2Forwards {
  readonly #deps: ForwardDeps;
  readonly #streams = new Set<{ lose(error: HoldfastError): void }>();
  #opening = 0;
  readonly #listening = new Map<string, (offer: RemoteStreamOffer) => void>();

  constructor(deps: ForwardDeps) {
    this.#deps = deps;
    deps.client.on("tcp connection", ({ destIP, destPort, srcIP, srcPort }, accept, reject) => {
      this.#offer(keyOf({ host: destIP, port: destPort }), `${srcIP}:${srcPort}`, accept, reject);
    });
    deps.client.on("unix connection", ({ socketPath }, accept, reject) => {
      this.#offer(keyOf({ path: socketPath }), "", accept, reject);
    });
  }

  /** No stream is open or being opened, and nothing listens. */
  get idle(): boolean {
    return this.#opening + this.#streams.size + this.#listening.size === 0;
  }

  async out(to: ForwardPoint): Promise<Duplex> {
    this.#opening += 1;
    try {
      return await this.#open(to);
    } finally {
      this.#opening -= 1;
    }
  }

  #open(to: ForwardPoint): Promise<Duplex> {
    return new Promise((resolve, reject) => {
      const opened = (error: Error | undefined, channel: Channel): void => {
        if (error === undefined) resolve(this.#stream(channel));
        else reject(this.#deps.lost() ?? outFailure(this.#deps.target, to, error));
      };
      const lost = this.#deps.lost();
      if (lost !== undefined) reject(lost);
      else if ("path" in to) this.#deps.client.openssh_forwardOutStreamLocal(to.path, opened);
      else this.#deps.client.forwardOut("127.0.0.1", 0, to.host, to.port, opened);
    });
  }

  async listen(at: ForwardPoint, offered: (offer: RemoteStreamOffer) => void): Promise<RemoteForward> {
    const { client } = this.#deps;
    const port = await this.#ask(
      (answer) => {
        if ("path" in at) client.openssh_forwardInStreamLocal(at.path, answer);
        else client.forwardIn(at.host, at.port, answer);
      },
      () => listenRefused(this.#deps.target, at),
    );
    const bound: ForwardPoint = "path" in at ? at : { host: at.host, port };
    const key = keyOf(bound);
    this.#listening.set(key, offered);
    return {
      port,
      close: async () => {
        if (!this.#listening.delete(key)) return true;
        try {
          await this.#cease(bound);
          return true;
        } catch {
          return this.#deps.lost() !== undefined;
        }
      },
    };
  }

  /** The connection is gone: every stream that the other side has not ended fails. */
  lost(): void {
    const error = this.#deps.lost();
    if (error === undefined) return;
    this.#listening.clear();
    for (const stream of this.#streams) stream.lose(error);
    this.#streams.clear();
  }

  async #cease(bound: ForwardPoint): Promise<void> {
    const { client } = this.#deps;
    await this.#ask(
      (answer) => {
        if ("path" in bound) client.openssh_unforwardInStreamLocal(bound.path, answer);
        else client.unforwardIn(bound.host, bound.port, answer);
      },
      () => listenRefused(this.#deps.target, bound),
    );
  }

  /** The port in the answer to a global request, 0 without one. */
  async #ask(request: (answer: Answer) => void, refused: () => HoldfastError): Promise<number> {
    const work = new Promise<number>((resolve, reject) => {
      const lost = this.#deps.lost();
      if (lost !== undefined) throw lost;
      request((error, port) => {
        if (error === undefined || error === null) resolve(port ?? 0);
        else reject(this.#deps.lost() ?? refused());
      });
    });
    const port = await withDeadline(work, answerMs);
    if (port !== timeIsUp) return port;
    throw new HoldfastError("timed_out", `${this.#deps.target} did not answer a request for a forwarded port`, {
      hint: "Try again; if it stays so, look into the server's log",
    });
  }

  #offer(key: string, from: string, accept: () => Channel, reject: () => void): void {
    const offered = this.#listening.get(key);
    if (offered === undefined) {
      reject();
      return;
    }
    let settled = false;
    offered({
      from: oneLine(from, longestReason),
      accept: () => {
        const lost = this.#deps.lost();
        if (lost !== undefined) throw lost;
        settled = true;
        return this.#stream(accept());
      },
      refuse: () => {
        if (!settled && this.#deps.lost() === undefined) reject();
        settled = true;
      },
    });
  }

  #stream(channel: Channel): Duplex {
    const forward = openForwardStream(channel);
    this.#streams.add(forward);
    forward.stream.once("close", () => {
      this.#streams.delete(forward);
    });
    return forward.stream;
  }
}

function keyOf(point: ForwardPoint): string {
  return "path" in point ? point.path : `${point.host}:${point.port}`;
}

function textOf(point: ForwardPoint): string {
  if ("path" in point) return point.path;
  return point.host.includes(":") ? `[${point.host}]:${point.port}` : keyOf(point);
}

function outFailure(target: string, to: ForwardPoint, error: Error): HoldfastError {
  const reason = "reason" in error ? error.reason : undefined;
  const text = oneLine(messageOf(error).replace(/^\(SSH\) Channel open failure:\s*/, ""), longestReason);
  const said = text === "" ? "" : `: ${text}`;
  if (reason === resourceShortage) {
    return new HoldfastError("limit_reached", `${target} has no room for one more forwarded connection${said}`, {
      hint: "Close some, then try again",
      cause: error,
    });
  }
  // What is neither is a server that does not know this kind of channel.
  if (reason === prohibited || reason !== connectFailed) {
    const settings = "path" in to ? "AllowStreamLocalForwarding" : "AllowTcpForwarding, PermitOpen";
    return new HoldfastError("forward_refused", `${target} does not forward to ${textOf(to)}${said}`, {
      hint: `Its settings forbid it (${settings}, DisableForwarding, or the user's key): have them changed, or go another way`,
      cause: error,
    });
  }
  return new HoldfastError("dial_failed", `${target} could not connect to ${textOf(to)}${said}`, {
    hint: "Check that it listens there, and that the server allows forwarding",
    cause: error,
  });
}

/** The error for a point at which the server does not listen. */
export function listenRefused(target: string, at: ForwardPoint): HoldfastError {
  const hint =
    "path" in at
      ? "A file may be in its place, its directory may be missing, or the server does not allow it (AllowStreamLocalForwarding, DisableForwarding)"
      : "The port may be taken there (port 0 takes any free one), or the server does not allow it (AllowTcpForwarding, PermitListen, DisableForwarding, ports below 1024)";
  return new HoldfastError("forward_refused", `${target} refused to listen on ${textOf(at)}`, { hint });
}
