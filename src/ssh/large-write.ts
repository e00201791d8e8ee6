import type { SFTPWrapper } from "ssh2";
import { beginRequest } from "./ssh2-transfer-internals.ts";

/** SSH_FXP_WRITE (draft-ietf-secsh-filexfer-02 §6.4). */
const writeType = 6;

/** Length, type and number of the request, length of the handle; offset, and length of the bytes. */
const headBytes = 13;
const placeBytes = 12;

/** Smaller ones go the usual way and share packets. */
const smallestBytes = 32_768;

interface Write {
  readonly handle: Buffer;
  readonly offset: number;
  readonly bytes: Buffer;
}

/**
 * Sends a large write out of the memory that it is in: ssh2 would make a request of it in new memory, and packets in new memory of that. False when there
 * is no room for it now, or it is small: then nothing was done. `done` is told the server's answer; the bytes are free at once.
 */
export function sendLargeWrite(wrapper: SFTPWrapper, write: Write, done: (error: Error | undefined) => void): boolean {
  const { handle, offset, bytes } = write;
  if (bytes.length < smallestBytes) return false;
  const head = Buffer.alloc(headBytes + handle.length + placeBytes);
  const request = beginRequest(wrapper, head.length + bytes.length, done);
  if (request === undefined) return false;
  head.writeUInt32BE(head.length - 4 + bytes.length, 0);
  head[4] = writeType;
  head.writeUInt32BE(request.number, 5);
  head.writeUInt32BE(handle.length, 9);
  handle.copy(head, headBytes);
  head.writeBigUInt64BE(BigInt(offset), headBytes + handle.length);
  head.writeUInt32BE(bytes.length, headBytes + handle.length + 8);
  request.send(head);
  for (let at = 0; at < bytes.length; at += request.packetBytes) {
    request.send(bytes.subarray(at, at + request.packetBytes));
  }
  return true;
}
