import { createCipheriv, randomBytes, randomInt } from "node:crypto";
import { describe, expect, it } from "vitest";
import { countUp } from "./gcm-counter.ts";
import { decryptPackets } from "./lean-decipher.ts";
import { largeDataBytes } from "./packet-gatherer.ts";

const key = randomBytes(16);

/** The same counter as that of the server, close to where more than its last byte changes. */
function startOfCount(): Buffer {
  return Buffer.concat([Buffer.alloc(4, 9), Buffer.from("00000000000000fe", "hex")]);
}

/** What a server sends: padded to blocks of 16 bytes, encrypted behind its length, with a tag. */
function sealed(payloads: readonly Buffer[]): Buffer {
  const counter = startOfCount();
  const packets = payloads.map((payload) => {
    const padding = 20 - ((5 + payload.length) % 16);
    const plain = Buffer.concat([Buffer.from([padding]), payload, randomBytes(padding)]);
    const short = (16 - (plain.length % 16)) % 16;
    const padded = Buffer.concat([Buffer.from([padding + short]), plain.subarray(1), randomBytes(short)]);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(padded.length);
    const cipher = createCipheriv("aes-128-gcm", key, counter);
    cipher.setAAD(length);
    const packet = Buffer.concat([length, cipher.update(padded), cipher.final(), cipher.getAuthTag()]);
    countUp(counter);
    return packet;
  });
  return Buffer.concat(packets);
}

/** A connection's state as ssh2 keeps it; `stopAfter` is the number of the payload at which it takes over with another cipher. */
function receiver(stopAfter = Number.POSITIVE_INFINITY) {
  const payloads: Buffer[] = [];
  return {
    payloads,
    gcm: {
      _decipherSSLName: "aes-128-gcm",
      _decipherKey: key,
      _decipherIV: startOfCount(),
      inSeqno: 0xffff_ffff,
      _lenBytes: 0,
      _len: 0,
      _pktLen: 0,
      _tagPos: 0,
      _onPayload: (payload: Uint8Array) => {
        payloads.push(Buffer.from(payload));
        return payloads.length === stopAfter ? false : undefined;
      },
    },
  } as const;
}

describe("packets of AES-GCM", () => {
  it("are whole, however they are cut", () => {
    for (let round = 0; round < 20; round += 1) {
      const sizes = [1, 11, largeDataBytes + 9, 0, 70_000, ...Array.from({ length: 8 }, () => randomInt(40_000))];
      const sent = sizes.map((size) => randomBytes(size));
      const wire = sealed(sent);
      const { gcm, payloads } = receiver();
      for (let at = 0; at < wire.length;) {
        const length = randomInt(3) === 0 ? randomInt(1, 6) : randomInt(1, 70_000);
        // Their memory is used again at once, as that of the socket is.
        const piece = Buffer.from(wire.subarray(at, at + length));
        expect(decryptPackets(gcm, piece, 0)).toBeUndefined();
        piece.fill(0);
        at += length;
      }
      expect(payloads.map((payload) => payload.toString("base64"))).toEqual(sent.map((one) => one.toString("base64")));
      expect(gcm.inSeqno).toBe(sent.length - 1);
    }
  });

  it("are refused when a bit was changed, and nothing of them is handed on", () => {
    const wire = sealed([randomBytes(100), randomBytes(50_000), randomBytes(100)]);
    for (const at of [3, 4, 60, 200, 30_000, wire.length - 1]) {
      const changed = Buffer.from(wire);
      changed.writeUInt8(changed.readUInt8(at) ^ 16, at);
      const { gcm, payloads } = receiver();
      expect(() => decryptPackets(gcm, changed, 0)).toThrow();
      expect(payloads.length).toBe(at < 150 ? 0 : at < 50_000 ? 1 : 2);
    }
  });

  it("are refused when they say that they are larger than was asked for", () => {
    const { gcm } = receiver();
    const length = Buffer.alloc(4);
    length.writeUInt32BE(largeDataBytes + 1_024);
    expect(() => decryptPackets(gcm, length, 0)).toThrow("Bad packet length");
  });

  it("are left alone behind the one after which another cipher is used", () => {
    const first = sealed([randomBytes(100)]).length;
    const wire = sealed([randomBytes(100), randomBytes(100)]);
    const { gcm, payloads } = receiver(1);
    expect(decryptPackets(gcm, wire, 1_000)).toBe(1_000 + first);
    expect(payloads).toHaveLength(1);
  });
});
