import fc from "fast-check";
import { expect, it } from "vitest";
import { Redactor } from "../secrets/index.ts";
import type { ReadFile } from "../sessions/index.ts";
import { hideBorders } from "./file-borders.ts";

/** Of letters that nothing else here has. */
const secret = "qzjxkvwpyu";

const redactor = new Redactor();
redactor.learn(secret);

function stretch(whole: Buffer, from: number, maxBytes: number): ReadFile {
  return {
    kind: "file",
    path: "/f",
    facts: { sizeBytes: whole.length, mode: 0o644, user: "me", group: "me", modifiedS: 0 },
    from,
    bytes: whole.subarray(from, from + maxBytes),
    sha256: undefined,
  };
}

it("no stretch of a file has a part of a secret in it, and together they have all the rest", async () => {
  const words = fc.array(fc.constantFrom("a", "bc ", "é", "\n", secret), { minLength: 1, maxLength: 30 });
  await fc.assert(
    fc.asyncProperty(words, fc.integer({ min: 1, max: 40 }), async (text, size) => {
      const whole = Buffer.from(text.join(""));
      const read = async (from: number, count: number): Promise<Uint8Array> => whole.subarray(from, from + count);
      const parts: string[] = [];
      for (let at = 0; at < whole.length;) {
        const shown = await hideBorders(stretch(whole, at, size), redactor, read);
        expect(shown.bytes.length).toBeGreaterThan(0);
        parts.push(redactor.redact(Buffer.from(shown.bytes).toString("latin1")));
        at += shown.bytes.length;
      }
      // Less than four letters are not taken for a secret before the next ones are there.
      expect(parts.every((part) => (part.match(/[qzjxkvwpyu]+/g) ?? []).every(({ length }) => length < 4))).toBe(true);
      const rest = Buffer.from(parts.join(""), "latin1").toString();
      expect(rest.replaceAll(/\*+|\[secret\]|[qzjxkvwpyu]/g, "")).toBe(text.join("").replaceAll(secret, ""));
    }),
  );
});
