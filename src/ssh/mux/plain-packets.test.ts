import { describe, expect, it } from "vitest";
import { wireString, wireUint32 } from "../wire.ts";
import { PlainReader, PlainWriter } from "./plain-packets.ts";

function packetOf(writer: PlainWriter, payload: Buffer): Buffer {
  const packet = writer.allocPacket(payload.length);
  payload.copy(packet, 5);
  return packet;
}

describe("packets without encryption", () => {
  it.each([1, 2, 5, 1000])("come whole out of pieces of %i bytes", (size) => {
    const got: Buffer[] = [];
    const reader = new PlainReader((payload) => got.push(Buffer.from(payload)));
    const sent: Buffer[] = [];
    const writer = new PlainWriter((bytes) => sent.push(bytes));
    const payloads = [Buffer.from([94, 1, 2, 3]), Buffer.from([98]), Buffer.alloc(40_000, 95)];
    for (const payload of payloads) writer.encrypt(packetOf(writer, payload));
    const all = Buffer.concat(sent);
    for (let from = 0; from < all.length; from += size) {
      const piece = all.subarray(from, from + size);
      expect(reader.decrypt(piece, 0, piece.length)).toBe(piece.length);
    }
    expect(got).toEqual(payloads);
  });

  it("have no good-bye among them, and a sign of life that masters know", () => {
    const sent: Buffer[] = [];
    const writer = new PlainWriter((bytes) => sent.push(bytes));
    writer.encrypt(packetOf(writer, Buffer.from([1, 0, 0, 0, 11])));
    expect(sent).toEqual([]);
    writer.encrypt(packetOf(writer, Buffer.concat([Buffer.from([80]), wireString("keepalive@openssh.com")])));
    const [ping = Buffer.alloc(0)] = sent;
    expect(ping[5]).toBe(90);
    const number = ping.readUInt32BE(6 + 4 + "ping@holdfast".length);
    const got: Buffer[] = [];
    const reader = new PlainReader((payload) => got.push(payload));
    const refusal = Buffer.concat([
      Buffer.from([92]),
      wireUint32(number),
      wireUint32(3),
      wireString(""),
      wireString(""),
    ]);
    const reply = packetOf(writer, refusal);
    reader.decrypt(reply, 0, reply.length);
    expect(got).toEqual([Buffer.from([82])]);
  });

  it("too long is no packet", () => {
    const reader = new PlainReader(() => undefined);
    expect(() => reader.decrypt(Buffer.alloc(8, 0xff), 0, 8)).toThrow(/no packet/);
  });
});
