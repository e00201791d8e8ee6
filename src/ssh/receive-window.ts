import type { Client, SFTPWrapper } from "ssh2";
import { protocolOf, receiveWindowBytes, windowsOf, type SessionStream } from "./ssh2-internals.ts";

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

/** The same for a file transfer channel, which has no bytes unread: up to `windowBytes`, where ssh2 alone would come to 2 MB. */
export function refillTransferWindow(wrapper: SFTPWrapper, windowBytes: number): void {
  const windows = windowsOf(wrapper);
  if (windows === undefined || windows.outgoing.state !== "open") return;
  const room = windowBytes - windows.incoming.window;
  if (room < adjustStepBytes) return;
  windows.incoming.window += room;
  windows.protocol.channelWindowAdjust(windows.outgoing.id, room);
}
