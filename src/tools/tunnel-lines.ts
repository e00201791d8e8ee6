import { oneLine } from "../base/index.ts";
import type { TunnelSummary } from "../sessions/index.ts";
import { count } from "./reply.ts";

/** Room for a name, an address or a path, and for a failure. */
const longestField = 200;
const longestFailure = 300;

/** `open · t1 · local 127.0.0.1:8080 → db.internal:5432 · via web1`, then what must be known of it. */
export function tunnelOpenLine(tunnel: TunnelSummary): string {
  return ["open", tunnel.id, `${tunnel.kind} ${way(tunnel)}`, via(tunnel), ...tunnel.notes].join(" · ");
}

/** A tunnel in a list. */
export function tunnelLine(tunnel: TunnelSummary): string {
  const failure =
    tunnel.lastFailure === undefined ? [] : [`last failure: ${oneLine(tunnel.lastFailure, longestFailure)}`];
  return [
    tunnel.id,
    tunnel.state,
    `${tunnel.kind} ${way(tunnel)}`,
    via(tunnel),
    `${count(tunnel.openConnections)} open, ${count(tunnel.totalConnections)} in all`,
    bytes(tunnel),
    ...tunnel.notes,
    ...failure,
  ].join(" · ");
}

/** What a tunnel was when it was closed. */
export function tunnelClosedLine(tunnel: TunnelSummary): string {
  const connections = `${count(tunnel.totalConnections)} connection${tunnel.totalConnections === 1 ? "" : "s"}`;
  return [
    "closed",
    tunnel.id,
    `${tunnel.kind} ${way(tunnel)}`,
    via(tunnel),
    connections,
    bytes(tunnel),
    ...tunnel.notes,
  ].join(" · ");
}

function way({ listen, to }: TunnelSummary): string {
  const from = oneLine(listen, longestField);
  return to === undefined ? from : `${from} → ${oneLine(to, longestField)}`;
}

function via(tunnel: TunnelSummary): string {
  return `via ${oneLine(tunnel.via, longestField)}`;
}

function bytes({ bytesIn, bytesOut }: TunnelSummary): string {
  return `${count(bytesIn)} bytes in, ${count(bytesOut)} out`;
}
