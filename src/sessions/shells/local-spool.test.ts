import { readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import fc from "fast-check";
import { expect, test } from "vitest";
import { LocalSpool, SpoolPieces } from "./local-spool.ts";

/** A few bytes, or more than are collected before they are written. */
const someBytes = fc.oneof(
  { weight: 9, arbitrary: fc.uint8Array({ minLength: 1, maxLength: 40 }) },
  { weight: 1, arbitrary: fc.nat(70_000).map((size) => Buffer.alloc(size + 1, `${size} `)) },
);

test("every range of interleaved streams is what was appended", () => {
  const write = fc.record({ stream: fc.constantFrom(0, 1, 2), bytes: someBytes, next: fc.nat(4) });
  fc.assert(
    fc.property(fc.array(write, { maxLength: 40 }), fc.nat(100_000), fc.nat(100_000), (writes, from, limit) => {
      const spool = new LocalSpool();
      const streams = [new SpoolPieces(), new SpoolPieces(), new SpoolPieces()];
      for (const { stream, bytes, next } of writes) {
        if (next === 0) spool.nextCommand();
        const pieces = streams[stream];
        if (pieces !== undefined) expect(spool.append(pieces, bytes)).toBe(true);
      }
      for (const [index, stream] of streams.entries()) {
        const all = Buffer.concat(writes.filter((one) => one.stream === index).map((one) => one.bytes));
        const read = spool.read(stream, Math.min(from, all.length), limit);
        expect(read).toEqual(limit === 0 && from < all.length ? Buffer.alloc(0) : all.subarray(from, from + limit));
      }
      spool.close();
    }),
  );
});

test("nothing of it has a name, and after close nothing is kept", () => {
  const before = readdirSync(tmpdir());
  const spool = new LocalSpool();
  const stream = new SpoolPieces();
  spool.append(stream, Buffer.from("x"));
  // It is written now.
  spool.nextCommand();
  expect(stream.unwritten.length).toBe(0);
  expect(spool.read(stream, 0, 1)?.toString()).toBe("x");
  const made = readdirSync(tmpdir()).filter((name) => name.startsWith("holdfast-") && !before.includes(name));
  expect(
    made.filter((name) => /^holdfast-.{6}$/.test(name) && readdirSync(`${tmpdir()}/${name}`).includes("output")),
  ).toEqual([]);
  spool.close();
  spool.close();
  expect(spool.read(stream, 0, 1)).toBeUndefined();
  expect(spool.append(stream, Buffer.from("y"))).toBe(false);
});

test("streams that take turns byte by byte are few pieces, each of them whole", () => {
  const spool = new LocalSpool();
  const [one, other] = [new SpoolPieces(), new SpoolPieces()];
  const bytes = Buffer.from("0123456789abc".repeat(20_000));
  for (let at = 0; at < bytes.length; at += 1) {
    for (const stream of [one, other]) spool.append(stream, bytes.subarray(at, at + 1));
  }
  for (const stream of [one, other]) {
    expect(stream.pieces.length).toBeLessThanOrEqual(4);
    expect(spool.read(stream, 0, bytes.length)?.equals(bytes)).toBe(true);
  }
  spool.close();
});

test("a stream has no end of pieces, not even when each is ended by another command: what is beyond is not kept", () => {
  const spool = new LocalSpool();
  const [one, other] = [new SpoolPieces(), new SpoolPieces()];
  let kept = 0;
  for (let turn = 0; turn < 33_000; turn += 1) {
    for (const stream of [one, other]) {
      if (spool.append(stream, Buffer.from("x")) && stream === one) kept += 1;
      spool.nextCommand();
    }
  }
  expect(kept).toBe(32_768);
  expect(one.pieces).toHaveLength(kept);
  expect(spool.read(one, kept - 1, 10)?.toString()).toBe("x");
  expect(spool.read(one, kept, 10)).toBeUndefined();
  spool.close();
});
