import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LineAssembler } from "./line-assembler.ts";

describe("line assembler", () => {
  it("gives the same lines however the bytes are cut", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.array(fc.nat(20)), (text, cuts) => {
        const assembler = new LineAssembler(1_000_000);
        const bytes = Buffer.from(`${text}\n`);
        const seen: string[] = [];
        let from = 0;
        for (const cut of [...cuts, bytes.length]) {
          for (const line of assembler.add(bytes.subarray(from, from + cut))) {
            seen.push(line.kind === "text" ? line.text : "?");
          }
          from += cut;
        }
        expect(seen.join("\n")).toBe(bytes.toString("utf8").slice(0, -1));
      }),
    );
  });

  it("drops a line that is too long, and only that", () => {
    const assembler = new LineAssembler(10);
    const lines = ["short\n", "12345", "678901", "23\nnext\n1234567890\n"].flatMap((chunk) =>
      assembler.add(Buffer.from(chunk)),
    );
    expect(lines).toEqual([
      { kind: "text", text: "short" },
      { kind: "too_long" },
      { kind: "text", text: "next" },
      { kind: "text", text: "1234567890" },
    ]);
  });
});
