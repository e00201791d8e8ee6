import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ControlSplitter } from "./control-lines.ts";

const nonce = "0123456789ab";

function split(bytes: Buffer, sizes: readonly number[]): { readonly data: string; readonly lines: readonly string[] } {
  let data = "";
  const lines: string[] = [];
  const splitter = new ControlSplitter(nonce, {
    onData: (piece) => {
      data += Buffer.from(piece).toString("latin1");
    },
    onLine: (line) => {
      lines.push(line);
    },
  });
  let at = 0;
  for (const size of [...sizes, bytes.length]) {
    splitter.feed(bytes.subarray(at, at + size));
    at += size;
  }
  return { data, lines };
}

describe("control splitter", () => {
  it("separates lines of ours from data, whatever the chunks are", () => {
    const part = fc.oneof(
      fc.record({ line: fc.constantFrom("hello 1 2", "P 3 0 n:0 /", "") }),
      fc.record({
        data: fc.constantFrom("\u001E", "\u001E01234", "abc", "\n", `\u001E${nonce}`, "\u001Effffffffffff x\n"),
      }),
    );
    fc.assert(
      fc.property(
        fc.array(part, { maxLength: 12 }),
        fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 30 }),
        (parts, sizes) => {
          // Data that ends like our tag, followed by a blank, would be our tag: a nonce that is not known cannot be printed.
          const text = parts.map((one) => ("line" in one ? `\u001E${nonce} ${one.line}\n` : `${one.data}.`)).join("");
          const told = split(Buffer.from(text, "latin1"), sizes);
          expect(told.data).toBe(parts.map((one) => ("data" in one ? `${one.data}.` : "")).join(""));
          expect(told.lines).toEqual(parts.flatMap((one) => ("line" in one ? [one.line] : [])));
        },
      ),
      { numRuns: 500 },
    );
  });

  it("takes a line that is longer than any of ours for data, and the next one for what it is", () => {
    const long = `\u001E${nonce} ${"x".repeat(70_000)}`;
    for (const sizes of [[], [60_000, 9_000], [70_005]]) {
      const told = split(Buffer.from(`${long}\n\u001E${nonce} P 1\nabc`), sizes);
      expect(told).toEqual({ data: `${long}\nabc`, lines: ["P 1"] });
    }
  });
});
