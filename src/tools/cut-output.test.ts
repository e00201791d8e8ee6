import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { lastLines, takeHead, takeTail } from "./cut-output.ts";
import { decodeUtf8, incompleteTail, orphanHead } from "../base/index.ts";

const asIs = (text: string): string => text;
/** Without U+FFFD, which is how a split character shows. */
const output = fc
  .array(fc.oneof(fc.string({ unit: "grapheme" }), fc.constant("\n"), fc.constant("😀ü\n")))
  .map((parts) => parts.join("").replaceAll("\uFFFD", "?"));

describe("cutting output", () => {
  it("never shows more than the limit, never splits a character, and knows how many bytes it showed", () => {
    fc.assert(
      fc.property(output, fc.integer({ min: 0, max: 60 }), (text, limit) => {
        const bytes = Buffer.from(text);
        const head = takeHead(bytes, limit, asIs);
        const tail = takeTail(bytes, limit, asIs);
        expect(head.text.length).toBeLessThanOrEqual(limit);
        expect(tail.text.length).toBeLessThanOrEqual(limit);
        expect(head.text).toBe(bytes.subarray(0, head.sizeBytes).toString());
        expect(tail.text).toBe(bytes.subarray(bytes.length - tail.sizeBytes).toString());
        expect(head.text + tail.text).not.toContain("\uFFFD");
      }),
    );
  });

  it("ends at a line border where a line fits", () => {
    const bytes = Buffer.from("one\ntwo\nthree\nfour");
    expect(takeHead(bytes, 9, asIs)).toEqual({ text: "one\ntwo\n", sizeBytes: 8 });
    expect(takeTail(bytes, 11, asIs)).toEqual({ text: "three\nfour", sizeBytes: 10 });
    expect(takeTail(bytes, 9, asIs)).toEqual({ text: "four", sizeBytes: 4 });
    expect(decodeUtf8(lastLines(bytes, 2))).toBe("three\nfour");
    expect(decodeUtf8(lastLines(Buffer.from("a\n\nb\n"), 2))).toBe("\nb\n");
  });

  it("leaves no part of a secret or of an escape sequence at a cut inside a line", () => {
    const clean = (text: string): string => text.replaceAll("hunter2hunter2", "[secret]").replaceAll("<escape>", "");
    const line = Buffer.from(`${"a".repeat(93)}hunter2hunter2${"b".repeat(500)}<escape>${"c".repeat(95)}`);
    expect(takeHead(line, 100, clean).text).toBe("a".repeat(93));
    expect(takeTail(line, 100, clean).text).toBe("c".repeat(95));
  });
});

describe("UTF-8 at the borders", () => {
  it("knows what belongs to a character that is not complete", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.nat(40), (any, cut) => {
        const bytes = Buffer.from(any.replaceAll("\uFFFD", "?"));
        const at = Math.min(cut, bytes.length);
        const before = bytes.subarray(0, at);
        const after = bytes.subarray(at);
        const whole = before.subarray(0, before.length - incompleteTail(before));
        expect(decodeUtf8(whole)).not.toContain("\uFFFD");
        const rest = after.subarray(orphanHead(after));
        expect(decodeUtf8(rest)).not.toContain("\uFFFD");
      }),
    );
    expect([0xff, 0xc0, 0x80].map((byte) => incompleteTail(Buffer.from([byte])))).toEqual([0, 0, 0]);
  });
});
