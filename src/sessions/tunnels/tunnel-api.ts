/** What the tunnels of a session book offer to those above. A tunnel lives in this process; the host knows nothing of it between connections. */

/** `local`: listens here, leads to the host's side. `remote`: listens on the host, leads here. `socks`: listens here, each connection says where to. */
export type TunnelKind = "local" | "remote" | "socks";

export interface TunnelRequest {
  /** A session, with which the tunnel is closed, or a target. */
  readonly on: string;
  readonly kind: TunnelKind;
  /** `host:port`, a port alone (loopback), or the absolute path of a Unix socket to be made. Default: any port of loopback. */
  readonly listen?: string;
  /** Where connections lead: `host:port`, a port alone (localhost), or the absolute path of a Unix socket. Not for `socks`. */
  readonly to?: string;
}

/** `away`: the SSH connection of a tunnel that listens on the host is being made anew. `failed`: it cannot be; the failure says why. */
export type TunnelState = "listening" | "away" | "failed";

export interface TunnelSummary {
  /** `t<n>`, never used twice in a process. */
  readonly id: string;
  readonly kind: TunnelKind;
  /** Where it really listens: the port is never 0. */
  readonly listen: string;
  readonly to: string | undefined;
  /** The session or target that it was opened on. */
  readonly via: string;
  readonly state: TunnelState;
  readonly openConnections: number;
  readonly totalConnections: number;
  /** Bytes that came here from the host, and that went there. */
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** Why the newest connection that came to nothing did, or why the tunnel is not listening. */
  readonly lastFailure: string | undefined;
  /** Things the caller must know, for example that others can connect. */
  readonly notes: readonly string[];
}

/** All tunnels of this process. */
export interface TunnelBook {
  /**
   * Opens a tunnel; resolves when it listens and the SSH connection is there. Rejects with `bad_input`, `address_taken`, `forward_refused`,
   * `limit_reached`, and as connecting does.
   */
  open(request: TunnelRequest): Promise<TunnelSummary>;
  list(): readonly TunnelSummary[];
  /** Closes it with all its connections; resolves with what it was when nothing listens any more. Rejects with `tunnel_unknown`. */
  close(id: string): Promise<TunnelSummary>;
}
