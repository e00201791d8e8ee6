import type { Client } from "ssh2";
import { protocolOf, receiveWindowBytes, type SessionStream } from "./ssh2-internals.ts";

/** The server is told of room in steps of this size: fewer would stall it over long distances, more cost packets. */
const adjustStepBytes = 512 * 1024;

/**
 * Tells the server of room as bytes are consumed, so that what it may send plus what lies here unread never exceeds the
 * window. ssh2's own accounting only starts below 1 MB, so it stays out of the way unless reading is paused.
 */
export function refillWindow(client: Client, stream: SessionStream): void {
  if (stream.outgoing.state === "closed" || stream.outgoing.state === "closing") return;
  const unread = stream.readableLength + stream.stderr.readableLength;
  const room = receiveWindowBytes - stream.incoming.window - unread;
  if (room < adjustStepBytes) return;
  stream.incoming.window += room;
  protocolOf(client).channelWindowAdjust(stream.outgoing.id, room);
}
