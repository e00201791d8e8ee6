import type { Client } from "ssh2";
import { protocolOf, type SessionStream } from "./ssh2-internals.ts";

/** Servers that take bytes ahead take packets of this size (OpenSSH: CHAN_SES_PACKET_DEFAULT). */
const packetBytes = 32 * 1024;

/** Sends `bytes` on the server's channel `number` without looking at its window. */
export function sendAhead(client: Client, number: number, bytes: Buffer): void {
  for (let at = 0; at < bytes.length; at += packetBytes) {
    protocolOf(client).channelData(number, bytes.subarray(at, at + packetBytes));
  }
}

/** Counts `bytes` that were sent ahead of the window that the server has yet to tell. */
export function countAhead(stream: SessionStream, bytes: number): void {
  stream.outgoing.window -= bytes;
  if (stream.outgoing.window <= 0) stream._waitWindow = true;
}
