import { HoldfastError } from "../../base/index.ts";
import type { ForwardPoint, SshConnection } from "../../ssh/index.ts";
import { HostWay } from "./host-way.ts";
import { LocalTunnel } from "./local-tunnel.ts";
import type { OpenTunnel } from "./open-tunnel.ts";
import { RemoteTunnel } from "./remote-tunnel.ts";
import { parsePoint, pointText } from "./tunnel-point.ts";
import type { TunnelBook, TunnelKind, TunnelRequest, TunnelSummary } from "./tunnel-api.ts";

/** More than a person can tell apart; each costs a listener and little else. */
const mostTunnels = 100;

/** Where tunnels go that do not say otherwise. */
const loopback = "127.0.0.1";
const anyPort: ForwardPoint = { host: loopback, port: 0 };

/** How to reach what a tunnel is opened on. */
export interface TunnelRoute {
  /** The session that the tunnel is closed with, if it is one. */
  readonly session: string | undefined;
  connect(): Promise<SshConnection>;
}

interface Entry {
  readonly id: string;
  readonly request: TunnelRequest;
  readonly route: TunnelRoute;
  readonly to: ForwardPoint | undefined;
  readonly tunnel: OpenTunnel;
}

interface Wanted {
  readonly kind: TunnelKind;
  readonly at: ForwardPoint;
  readonly to: ForwardPoint | undefined;
}

/** The tunnels of one session book. */
export class LiveTunnels implements TunnelBook {
  readonly #route: (on: string) => Promise<TunnelRoute>;
  readonly #open = new Map<string, Entry>();
  #opening = 0;
  #last = 0;
  #closed = false;

  constructor(route: (on: string) => Promise<TunnelRoute>) {
    this.#route = route;
  }

  async open(request: TunnelRequest): Promise<TunnelSummary> {
    const wanted = wantedOf(request);
    if (this.#open.size + this.#opening >= mostTunnels) {
      throw new HoldfastError("limit_reached", `there are ${mostTunnels} tunnels already`, {
        hint: 'Close one: ssh_list {"what":"tunnels"} shows them',
      });
    }
    this.#opening += 1;
    try {
      const route = await this.#route(request.on);
      const tunnel = await openTunnel(new HostWay(() => route.connect()), wanted);
      if (this.#closed) {
        await tunnel.close();
        throw new HoldfastError("cancelled", "the tunnel was not wanted any more", { hint: "Call again" });
      }
      this.#last += 1;
      const entry: Entry = { id: `t${this.#last}`, request, route, to: wanted.to, tunnel };
      this.#open.set(entry.id, entry);
      return summaryOf(entry);
    } finally {
      this.#opening -= 1;
    }
  }

  list(): readonly TunnelSummary[] {
    return [...this.#open.values()].map(summaryOf);
  }

  async close(id: string): Promise<TunnelSummary> {
    const entry = this.#open.get(id);
    if (entry === undefined) {
      throw new HoldfastError("tunnel_unknown", `there is no tunnel ${JSON.stringify(id.slice(0, 40))}`, {
        hint: 'ssh_list {"what":"tunnels"} shows those there are',
      });
    }
    this.#open.delete(id);
    await entry.tunnel.close();
    return summaryOf(entry);
  }

  /** Closes the tunnels that were opened on a session. */
  async closeOn(session: string): Promise<readonly TunnelSummary[]> {
    const those = [...this.#open.values()].filter(({ route }) => route.session === session);
    return Promise.all(those.map(({ id }) => this.close(id)));
  }

  /** Closes all, and opens none any more. */
  async shutdown(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#open.keys()].map((id) => this.close(id)));
  }
}

async function openTunnel(way: HostWay, { kind, at, to }: Wanted): Promise<OpenTunnel> {
  if (kind === "remote" && to !== undefined) return RemoteTunnel.open(way, at, to);
  // Listening first: nothing is asked of the host for a port that is taken here.
  const tunnel = await LocalTunnel.open(way, at, to);
  try {
    await way.connection();
    return tunnel;
  } catch (error) {
    await tunnel.close();
    throw error;
  }
}

function wantedOf({ kind, listen, to }: TunnelRequest): Wanted {
  const at = listen === undefined ? anyPort : parsePoint("listen", listen, loopback);
  if (kind === "socks") {
    if (to === undefined) return { kind, at, to };
    throw new HoldfastError("bad_input", "a socks tunnel has no `to`: each connection says where it goes", {
      hint: "Leave `to` out, or use the kind local",
    });
  }
  if (to === undefined) {
    throw new HoldfastError("bad_input", `a ${kind} tunnel needs \`to\`: where its connections lead`, {
      hint: "Write host:port, a port alone, or the absolute path of a Unix socket",
    });
  }
  const target = parsePoint("to", to, "localhost");
  if ("port" in target && (target.port === 0 || target.host === "*")) {
    throw new HoldfastError("bad_input", `nothing can be connected to at ${pointText(target)}`, {
      hint: "Name one host and a port from 1 on in `to`",
    });
  }
  return { kind, at, to: target };
}

function summaryOf({ id, request, to, tunnel }: Entry): TunnelSummary {
  const { at, state, traffic } = tunnel;
  const { openConnections, totalConnections, bytesIn, bytesOut, lastFailure } = traffic;
  return {
    id,
    kind: request.kind,
    listen: pointText(at),
    to: to === undefined ? undefined : pointText(to),
    via: request.on,
    state,
    openConnections,
    totalConnections,
    bytesIn,
    bytesOut,
    lastFailure,
    notes: tunnel.notes,
  };
}
