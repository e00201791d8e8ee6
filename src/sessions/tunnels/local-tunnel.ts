import type { Socket } from "node:net";
import { asHoldfastError } from "../../base/index.ts";
import type { ForwardPoint } from "../../ssh/index.ts";
import type { HostWay } from "./host-way.ts";
import { listenHere, type HereListener } from "./listen-here.ts";
import type { OpenTunnel } from "./open-tunnel.ts";
import { readSocksRequest, type StreamRequest } from "./socks-handshake.ts";
import { Traffic, reset } from "./traffic.ts";
import { isOpenToOthers } from "./tunnel-point.ts";
import type { TunnelState } from "./tunnel-api.ts";

/** A tunnel that listens on this machine. It goes on listening while its SSH connection is away, which is made again when somebody connects. */
export class LocalTunnel implements OpenTunnel {
  readonly traffic = new Traffic();
  readonly #way: HostWay;
  readonly #ask: (socket: Socket) => Promise<StreamRequest>;
  readonly #closing = new AbortController();
  readonly #listener: Promise<HereListener>;
  #at: ForwardPoint;

  private constructor(way: HostWay, at: ForwardPoint, to: ForwardPoint | undefined) {
    this.#way = way;
    this.#at = at;
    this.#ask = to === undefined ? readSocksRequest : always(to);
    this.#listener = listenHere(at, (socket) => void this.#serve(socket));
  }

  /** Without `to` each connection says where it leads (SOCKS). Rejects as `listenHere` does. */
  static async open(way: HostWay, at: ForwardPoint, to: ForwardPoint | undefined): Promise<LocalTunnel> {
    const tunnel = new LocalTunnel(way, at, to);
    tunnel.#at = (await tunnel.#listener).at;
    return tunnel;
  }

  get at(): ForwardPoint {
    return this.#at;
  }

  get state(): TunnelState {
    return "listening";
  }

  get notes(): readonly string[] {
    return isOpenToOthers(this.#at) ? ["warning: others who reach this machine can use it, without a password"] : [];
  }

  async close(): Promise<void> {
    this.#closing.abort();
    (await this.#listener).close();
    this.traffic.close();
  }

  async #serve(socket: Socket): Promise<void> {
    if (!this.traffic.enter(socket)) return;
    let request: StreamRequest | undefined;
    try {
      request = await this.#ask(socket);
      const far = await this.#way.stream(request.to, this.#closing.signal);
      if (this.#closing.signal.aborted || socket.destroyed) {
        far.destroy();
        return;
      }
      request.granted();
      this.traffic.join(socket, far);
    } catch (thrown) {
      this.traffic.failed(thrown);
      request?.refused(asHoldfastError(thrown).code);
      if (!socket.writableEnded) reset(socket);
      // It had its answer: what it still sends leads nowhere.
      socket.destroySoon();
    }
  }
}

/** Every connection leads to the same place; one that comes to nothing is reset. */
function always(to: ForwardPoint): (socket: Socket) => Promise<StreamRequest> {
  return async () => ({ to, granted: () => undefined, refused: () => undefined });
}
