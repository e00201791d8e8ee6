import { randomBytes, randomInt } from "node:crypto";
import { describe, expect, it } from "vitest";
import { AnswerIntake } from "./answer-intake.ts";

function data(request: number, bytes: Buffer, told = bytes.length): Buffer {
  const head = Buffer.alloc(13);
  head.writeUInt32BE(9 + bytes.length, 0);
  head[4] = 103;
  head.writeUInt32BE(request, 5);
  head.writeUInt32BE(told, 9);
  return Buffer.concat([head, bytes]);
}

function other(type: number, lengthBytes: number): Buffer {
  const packet = Buffer.alloc(4 + lengthBytes, 7);
  packet.writeUInt32BE(lengthBytes, 0);
  packet[4] = type;
  return packet;
}

/** An intake with reads of those sizes that wait, by number from 0 on. */
function waiting(...sizes: readonly number[]) {
  const passed: Buffer[] = [];
  const answered: [number, Buffer][] = [];
  const buffers = new Map(sizes.map((size, number) => [number, Buffer.alloc(size)]));
  const intake = new AnswerIntake({
    pass: (bytes) => passed.push(Buffer.from(bytes)),
    find: (request) => {
      const buffer = buffers.get(request);
      if (buffer === undefined) return undefined;
      return {
        buffer,
        answer: (bytes) => {
          buffers.delete(request);
          answered.push([request, buffer.subarray(0, bytes)]);
        },
      };
    },
  });
  return { intake, answered, passed: () => Buffer.concat(passed) };
}

/** In pieces as a network makes them: of one byte, of many, of several answers. */
function inPieces(bytes: Buffer, take: (piece: Buffer) => void): void {
  for (let at = 0; at < bytes.length;) {
    const length = randomInt(4) === 0 ? randomInt(1, 15) : randomInt(1, 40_000);
    take(Buffer.from(bytes.subarray(at, at + length)));
    at += length;
  }
}

describe("what comes in on a file transfer channel", () => {
  it("goes where it is wanted, and all else to ssh2 as it is, however it is cut", () => {
    for (let round = 0; round < 50; round += 1) {
      const wanted = Array.from({ length: 8 }, () => randomBytes(randomInt(0, 70_000)));
      const { intake, answered, passed } = waiting(...wanted.map(({ length }) => length + randomInt(3)));
      const others = [other(2, 5), other(101, 17), other(101, 5), other(104, 30_000), other(103, 5), other(102, 1)];
      const packets: Buffer[] = [];
      for (const [number, bytes] of wanted.entries()) {
        packets.push(data(number, bytes), ...others.slice(number, number + 1));
      }
      inPieces(Buffer.concat(packets), (piece) => intake.take(piece));
      expect(passed().equals(Buffer.concat(others))).toBe(true);
      expect(answered.map(([number]) => number)).toEqual(wanted.map((_, number) => number));
      expect(answered.every(([number, bytes]) => wanted[number]?.equals(bytes) === true)).toBe(true);
    }
  });

  it("is left to ssh2 where it was not asked for, is more than was, or contradicts itself", () => {
    const { intake, answered, passed } = waiting(100, 100, 100);
    const wrong = [
      data(9, randomBytes(50)),
      data(0, randomBytes(101)),
      data(1, randomBytes(50), 20),
      data(2, randomBytes(20), 50),
    ];
    for (const packet of wrong) inPieces(packet, (piece) => intake.take(piece));
    expect(passed().equals(Buffer.concat(wrong))).toBe(true);
    expect(answered).toEqual([]);
    intake.take(data(0, Buffer.alloc(100, 1)));
    intake.take(data(0, Buffer.alloc(3, 1)));
    expect(answered).toEqual([[0, Buffer.alloc(100, 1)]]);
    expect(passed().length).toBe(Buffer.concat(wrong).length + 16);
  });
});
