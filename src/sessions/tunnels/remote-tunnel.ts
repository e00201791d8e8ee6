import { connect, type Socket } from "node:net";
import {
  HoldfastError,
  after,
  asHoldfastError,
  delay,
  jitter,
  messageOf,
  shellWord,
  withDeadline,
} from "../../base/index.ts";
import type { ForwardPoint, RemoteForward, RemoteStreamOffer, SshConnection } from "../../ssh/index.ts";
import { look } from "../host-shell/host-files.ts";
import type { HostWay } from "./host-way.ts";
import type { OpenTunnel } from "./open-tunnel.ts";
import { Traffic } from "./traffic.ts";
import { isOpenToOthers, pointText } from "./tunnel-point.ts";
import type { TunnelState } from "./tunnel-api.ts";

/** First and longest pause between attempts to listen again. */
const firstPauseMs = 300;
const longestPauseMs = 10_000;

/** An attempt to listen again that is under way when the tunnel closes undoes itself; it is waited for no longer than this. */
const regainEndMs = 2_000;

/** What a tunnel leads to is near this machine. */
const connectMs = 10_000;

/** A tunnel that listens on the host. When the SSH connection is gone it is made again, and the same port asked for. */
export class RemoteTunnel implements OpenTunnel {
  readonly traffic = new Traffic();
  readonly #way: HostWay;
  readonly #to: ForwardPoint;
  readonly #closing = new AbortController();
  #at: ForwardPoint;
  #forward: RemoteForward | undefined;
  #connection: SshConnection | undefined;
  #state: TunnelState = "listening";
  #stays = false;
  #regaining: Promise<void> = Promise.resolve();

  private constructor(way: HostWay, at: ForwardPoint, to: ForwardPoint) {
    this.#way = way;
    this.#at = at;
    this.#to = to;
  }

  /** Rejects as `forwardIn` does, and as connecting does. */
  static async open(way: HostWay, at: ForwardPoint, to: ForwardPoint): Promise<RemoteTunnel> {
    const tunnel = new RemoteTunnel(way, at, to);
    await tunnel.#listen();
    return tunnel;
  }

  get at(): ForwardPoint {
    return this.#at;
  }

  get state(): TunnelState {
    return this.#state;
  }

  get notes(): readonly string[] {
    if (this.#stays) return ["the host's server goes on listening until the connection ends; it turns away who comes"];
    return isOpenToOthers(this.#at)
      ? ["others may reach it from outside the host, if its sshd allows it (GatewayPorts)"]
      : [];
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await withDeadline(this.#regaining, regainEndMs);
    this.#stays = (await this.#forward?.close()) === false;
    if (this.#connection !== undefined) await this.#removeSocket(this.#connection);
    this.traffic.close();
  }

  async #listen(): Promise<void> {
    const connection = await this.#way.connection();
    const forward = await connection.forwardIn(asked(this.#at), (offer) => this.#serve(offer));
    if (this.#closing.signal.aborted) {
      await forward.close();
      return;
    }
    this.#forward = forward;
    this.#connection = connection;
    this.#state = "listening";
    if (!("path" in this.#at)) this.#at = { host: this.#at.host, port: forward.port };
    connection.onClosed(() => {
      if (this.#closing.signal.aborted) return;
      this.#state = "away";
      this.#connection = undefined;
      this.#regaining = this.#regain();
    });
  }

  /** Listens again, however long it takes, unless it is told something that time does not heal. */
  async #regain(): Promise<void> {
    const { signal } = this.#closing;
    for (let pauseMs = firstPauseMs; !signal.aborted; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
      await delay(pauseMs * jitter(0.3), signal);
      if (signal.aborted) return;
      try {
        await this.#removeSocket(await this.#way.connection());
        await this.#listen();
        return;
      } catch (thrown) {
        this.traffic.failed(thrown);
        const { code, retryable } = asHoldfastError(thrown);
        // The server's end of the former connection may still hold the port.
        if (retryable || code === "forward_refused") continue;
        this.#state = "failed";
        return;
      }
    }
  }

  /** Servers leave the file of a socket that was ours, and then refuse to listen there again. */
  async #removeSocket(connection: SshConnection): Promise<void> {
    if (!("path" in this.#at) || connection.closed) return;
    const path = shellWord(this.#at.path);
    await look(connection, `[ ! -S ${path} ] || rm -f ${path}`).catch(() => undefined);
  }

  #serve(offer: RemoteStreamOffer): void {
    const socket = connectTo(this.#to);
    if (!this.traffic.enter(socket)) {
      offer.refuse();
      return;
    }
    const fail = (error: HoldfastError): void => {
      cancelTimer();
      this.traffic.failed(error);
      offer.refuse();
      socket.destroy();
    };
    const refused = (error: Error): void => fail(connectFailure(this.#to, messageOf(error)));
    const cancelTimer = after(connectMs, () =>
      fail(connectFailure(this.#to, `no answer within ${connectMs / 1000} s`)),
    );
    socket.once("error", refused);
    socket.once("connect", () => {
      cancelTimer();
      socket.off("error", refused);
      try {
        this.traffic.join(socket, offer.accept());
      } catch (thrown) {
        fail(asHoldfastError(thrown));
      }
    });
  }
}

/** OpenSSH's word for all addresses of the host is the empty one (RFC 4254 §7.1). */
function asked(at: ForwardPoint): ForwardPoint {
  return "path" in at || at.host !== "*" ? at : { host: "", port: at.port };
}

function connectTo(to: ForwardPoint): Socket {
  return "path" in to
    ? connect({ path: to.path, allowHalfOpen: true })
    : connect({ host: to.host, port: to.port, allowHalfOpen: true, noDelay: true, autoSelectFamily: true });
}

function connectFailure(to: ForwardPoint, why: string): HoldfastError {
  return new HoldfastError("dial_failed", `${pointText(to)} could not be connected to from here: ${why}`, {
    hint: "Check that it listens there",
  });
}
