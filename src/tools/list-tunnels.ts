import type { TunnelBook } from "../sessions/index.ts";
import type { Listing } from "./listing.ts";
import { tunnelLine } from "./tunnel-lines.ts";

/** The tunnels of this process, or those opened on one session or target. */
export function listTunnels(tunnels: TunnelBook, on: string | undefined): Listing {
  const chosen = tunnels.list().filter(({ via }) => on === undefined || via === on);
  return { noun: "tunnels", lines: chosen.map(tunnelLine), hint: "ssh_tunnel opens one" };
}
