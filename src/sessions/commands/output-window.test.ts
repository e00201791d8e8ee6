import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { OutputWindow } from "./output-window.ts";

describe("output window", () => {
  it("gives back exactly the bytes of the stream, or nothing", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 300_000 }), { maxLength: 12 }),
        fc.nat(2_000_000),
        fc.nat(400_000),
        (sizes, from, limit) => {
          const all = Buffer.alloc(sizes.reduce((sum, size) => sum + size, 0));
          for (let at = 0; at + 4 <= all.length; at += 4) all.writeUInt32BE(at, at);
          const window = new OutputWindow();
          let at = 0;
          for (const size of sizes) {
            window.append(all.subarray(at, at + size));
            at += size;
          }
          expect(window.total).toBe(all.length);
          const slice = window.slice(from, limit);
          if (slice !== undefined) {
            expect(slice.equals(all.subarray(from, Math.min(all.length, from + limit)))).toBe(true);
          }
        },
      ),
      { numRuns: 200 },
    );
  });

  it("keeps the beginning and the end at hand, and is bounded", () => {
    const window = new OutputWindow();
    const chunk = Buffer.alloc(32_768, "x");
    for (let n = 0; n < 1000; n += 1) window.append(chunk);
    expect(window.slice(0, 1000)?.length).toBe(1000);
    expect(window.slice(window.total - 100_000, 100_000)?.length).toBe(100_000);
    expect(window.slice(5_000_000, 1000)).toBeUndefined();
    expect(window.heldBytes).toBeLessThan(1024 * 1024);
  });

  it("has nothing at hand once it has let go, and still knows how much there was", () => {
    const window = new OutputWindow();
    window.append(Buffer.from("hello"));
    window.forget();
    expect(window.total).toBe(5);
    expect(window.slice(0, 5)).toBeUndefined();
    expect(window.slice(5, 5)?.length).toBe(0);
  });
});
