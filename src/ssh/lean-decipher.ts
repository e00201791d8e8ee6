import { createDecipheriv } from "node:crypto";
import type { Client } from "ssh2";
import { countUp } from "./gcm-counter.ts";
import { PacketGatherer } from "./packet-gatherer.ts";
import { protocolOf } from "./ssh2-internals.ts";

/** AES-GCM in SSH (RFC 5647 §7.3): a length that is not encrypted, and a tag. */
const lengthBytes = 4;
const tagBytes = 16;

interface GcmDecipher {
  readonly _decipherSSLName: "aes-128-gcm" | "aes-256-gcm";
  readonly _decipherKey: Uint8Array;
  readonly _decipherIV: Uint8Array;
  inSeqno: number;
  /** Of the packet that ssh2 itself is in: how much of its length, of it, and of its tag is there. */
  readonly _lenBytes: number;
  readonly _len: number;
  readonly _pktLen: number;
  readonly _tagPos: number;
  _onPayload(payload: Uint8Array): unknown;
}

function isGcmDecipher(value: unknown): value is GcmDecipher {
  if (typeof value !== "object" || value === null) return false;
  const name: unknown = Reflect.get(value, "_decipherSSLName");
  return (
    (name === "aes-128-gcm" || name === "aes-256-gcm") &&
    Reflect.get(value, "_decipherKey") instanceof Uint8Array &&
    Reflect.get(value, "_decipherIV") instanceof Uint8Array &&
    ["inSeqno", "_lenBytes", "_len", "_pktLen", "_tagPos"].every(
      (key) => typeof Reflect.get(value, key) === "number",
    ) &&
    typeof Reflect.get(value, "_onPayload") === "function"
  );
}

/** What ssh2 is told: where to go on in these bytes, or that they are used up. */
type Rest = unknown;

type Decrypt = (data: Buffer, from: number, end: number) => Rest;

const known = new WeakSet<object>();
const gatherers = new WeakMap<object, PacketGatherer>();

/**
 * Has ssh2 decrypt each packet of AES-GCM in one step, whole, and take packets with `largeDataBytes`; by itself it decrypts what each read brings of one
 * into new memory and puts that together in more, and ends the connection over packets above 35,000 bytes. False for another cipher, and for an ssh2 that
 * is not as version 1.17: then nothing is changed.
 */
export function leanDecipher(client: Client): boolean {
  const decipher: unknown = Reflect.get(protocolOf(client), "_decipher");
  if (!isGcmDecipher(decipher) || decipher.constructor.name !== "AESGCMDecipherNative") return false;
  const prototype: unknown = Object.getPrototypeOf(decipher);
  if (typeof prototype !== "object" || prototype === null) return false;
  if (known.has(prototype)) return true;
  const original: unknown = Reflect.get(prototype, "decrypt");
  if (typeof original !== "function") return false;
  known.add(prototype);
  Object.assign(prototype, {
    decrypt(data: Buffer, from: number, end: number): Rest {
      const decrypt: Decrypt = (...args) => Reflect.apply(original, this, args);
      if (!isGcmDecipher(this)) return decrypt(data, from, end);
      const missing = missingBytes(this);
      if (missing === 0) return decryptPackets(this, data.subarray(from, end), from);
      return decrypt(data, from, Math.min(end, from + missing)) ?? from + missing;
    },
  });
  return true;
}

/** So many bytes ssh2 itself needs at least until the packet that it is in is complete: it was so when it was changed. */
function missingBytes({ _lenBytes, _len, _pktLen, _tagPos }: GcmDecipher): number {
  if (_lenBytes === 0) return 0;
  return _lenBytes < lengthBytes ? lengthBytes - _lenBytes : _len - _pktLen + tagBytes - _tagPos;
}

/**
 * Takes what was received from a server on, and hands on the payload of each packet that is complete. Throws when one is not what the server sent.
 */
export function decryptPackets(gcm: GcmDecipher, data: Buffer, offset: number): Rest {
  const gatherer = gatherers.get(gcm) ?? new PacketGatherer();
  gatherers.set(gcm, gatherer);
  for (let at = 0; at < data.length;) {
    const packet = gatherer.take(data, at);
    at += gatherer.taken;
    if (packet === undefined) return undefined;
    const payload = openPacket(gcm, packet);
    gatherer.release();
    const next = gcm._onPayload(payload);
    if (next !== undefined) return next === false ? offset + at : next;
  }
  return undefined;
}

/** The payload of a packet, in memory of its own. Throws when the packet is not what the server sent. */
function openPacket(gcm: GcmDecipher, packet: Buffer): Buffer {
  const decipher = createDecipheriv(gcm._decipherSSLName, gcm._decipherKey, gcm._decipherIV);
  decipher.setAAD(packet.subarray(0, lengthBytes));
  decipher.setAuthTag(packet.subarray(packet.length - tagBytes));
  const plain = decipher.update(packet.subarray(lengthBytes, packet.length - tagBytes));
  decipher.final();
  countUp(gcm._decipherIV);
  gcm.inSeqno = (gcm.inSeqno + 1) >>> 0;
  const padding = plain[0] ?? 0;
  if (padding >= plain.length) throw new Error("Bad packet padding");
  return plain.subarray(1, plain.length - padding);
}
