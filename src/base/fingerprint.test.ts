import fc from "fast-check";
import { expect, it } from "vitest";
import { fingerprint } from "./fingerprint.ts";
import { sha256Hex } from "./ids.ts";

it("a fingerprint is SHA-256, for texts of any length around the size of a block and of any characters", () => {
  for (let length = 0; length < 200; length += 1) {
    expect(fingerprint("x".repeat(length))).toBe(sha256Hex("x".repeat(length)));
  }
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 1_000 }), (text) => {
      expect(fingerprint(text)).toBe(sha256Hex(text));
    }),
  );
});
