import { createCipheriv, randomFillSync } from "node:crypto";
import type { Client } from "ssh2";
import { countUp } from "./gcm-counter.ts";
import { protocolOf } from "./ssh2-internals.ts";

/** The largest packet that is made (RFC 4253 §6.1), with room for its head and padding. */
const scratchBytes = 36_864;

/** Smaller packets come out of Node's own pool. */
const largeBytes = 8_192;

/** AES-GCM in SSH (RFC 5647 §7.1, §7.3): blocks of 16 bytes, the length before them not encrypted. */
const blockBytes = 16;
const lengthBytes = 4;
const headBytes = 5;
const leastPadding = 4;

interface GcmCipher {
  readonly _encSSLName: "aes-128-gcm" | "aes-256-gcm";
  readonly _encKey: Uint8Array;
  readonly _encIV: Uint8Array;
  readonly _dead: boolean;
  outSeqno: number;
  _onWrite(bytes: Uint8Array): void;
}

function isGcmCipher(value: unknown): value is GcmCipher {
  if (typeof value !== "object" || value === null) return false;
  const name: unknown = Reflect.get(value, "_encSSLName");
  return (
    (name === "aes-128-gcm" || name === "aes-256-gcm") &&
    Reflect.get(value, "_encKey") instanceof Uint8Array &&
    Reflect.get(value, "_encIV") instanceof Uint8Array &&
    typeof Reflect.get(value, "outSeqno") === "number" &&
    typeof Reflect.get(value, "_dead") === "boolean" &&
    typeof Reflect.get(value, "_onWrite") === "function"
  );
}

const known = new WeakSet<object>();

/**
 * Has ssh2 make its large packets in one buffer, again and again, where it encrypts with AES-GCM: a packet is encrypted in the same breath, into memory of
 * its own, and with new memory for what is thrown away at once a fast stream keeps the collector busy. Of an ssh2 that is not as version 1.17 nothing is changed.
 */
export function leanCipher(client: Client): void {
  const cipher: unknown = Reflect.get(protocolOf(client), "_cipher");
  if (!isGcmCipher(cipher) || cipher.constructor.name !== "AESGCMCipherNative") return;
  const prototype: unknown = Object.getPrototypeOf(cipher);
  if (typeof prototype !== "object" || prototype === null || known.has(prototype)) return;
  const allocate: unknown = Reflect.get(prototype, "allocPacket");
  const encrypt: unknown = Reflect.get(prototype, "encrypt");
  if (typeof allocate !== "function" || typeof encrypt !== "function") return;
  known.add(prototype);
  const scratch = Buffer.allocUnsafeSlow(scratchBytes);
  Object.assign(prototype, {
    allocPacket(payloadBytes: number): unknown {
      const isOurs = payloadBytes >= largeBytes && payloadBytes <= scratchBytes - headBytes - 2 * blockBytes;
      return isOurs ? layOut(scratch, payloadBytes) : Reflect.apply(allocate, this, [payloadBytes]);
    },
    encrypt(packet: Buffer): void {
      if (packet.buffer === scratch.buffer && isGcmCipher(this)) encryptPacket(this, packet);
      else Reflect.apply(encrypt, this, [packet]);
    },
  });
}

/** Random bytes for padding: to ask for a few costs as much as for all of these, and as much as a third of encrypting a packet. */
const randomPool = Buffer.alloc(4_096);
let poolUsed = randomPool.length;

function fillRandomly(padding: Buffer): void {
  if (poolUsed + padding.length > randomPool.length) {
    randomFillSync(randomPool);
    poolUsed = 0;
  }
  randomPool.copy(padding, 0, poolUsed, poolUsed + padding.length);
  poolUsed += padding.length;
}

/** A packet without its payload. */
function layOut(scratch: Buffer, payloadBytes: number): Buffer {
  const filled = headBytes + payloadBytes;
  const toBlock = blockBytes - ((filled - lengthBytes) % blockBytes);
  const padding = toBlock < leastPadding ? toBlock + blockBytes : toBlock;
  const packet = scratch.subarray(0, filled + padding);
  packet.writeUInt32BE(packet.length - lengthBytes, 0);
  packet[lengthBytes] = padding;
  fillRandomly(packet.subarray(filled));
  return packet;
}

function encryptPacket(gcm: GcmCipher, packet: Buffer): void {
  if (gcm._dead) return;
  const cipher = createCipheriv(gcm._encSSLName, gcm._encKey, gcm._encIV);
  // A copy: it waits in the socket when the next packet is made.
  const length = Buffer.from(packet.subarray(0, lengthBytes));
  cipher.setAAD(length);
  gcm._onWrite(length);
  gcm._onWrite(cipher.update(packet.subarray(lengthBytes)));
  cipher.final();
  gcm._onWrite(cipher.getAuthTag());
  countUp(gcm._encIV);
  gcm.outSeqno = (gcm.outSeqno + 1) >>> 0;
}
