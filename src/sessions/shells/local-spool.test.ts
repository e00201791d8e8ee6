import { readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import fc from "fast-check";
import { expect, test } from "vitest";
import { LocalSpool, SpoolPieces } from "./local-spool.ts";

test("every range of interleaved streams is what was appended", () => {
  const write = fc.record({ stream: fc.constantFrom(0, 1, 2), bytes: fc.uint8Array({ minLength: 1, maxLength: 40 }) });
  fc.assert(
    fc.property(fc.array(write, { maxLength: 40 }), fc.nat(200), fc.nat(200), (writes, from, limit) => {
      const spool = new LocalSpool();
      const streams = [new SpoolPieces(), new SpoolPieces(), new SpoolPieces()];
      for (const { stream, bytes } of writes) {
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
  const made = readdirSync(tmpdir()).filter((name) => name.startsWith("holdfast-") && !before.includes(name));
  expect(
    made.filter((name) => /^holdfast-.{6}$/.test(name) && readdirSync(`${tmpdir()}/${name}`).includes("output")),
  ).toEqual([]);
  spool.close();
  spool.close();
  expect(spool.read(stream, 0, 1)).toBeUndefined();
  expect(spool.append(stream, Buffer.from("y"))).toBe(false);
});
