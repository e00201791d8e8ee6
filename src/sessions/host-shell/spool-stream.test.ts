import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SpoolStream } from "./spool-stream.ts";

const token = (number: number): string => `token${number}`;
const separator = "\u001E";

interface Told {
  readonly output: Map<number, string>;
  readonly ends: string[];
}

function read(file: Buffer, cuts: readonly number[], from = 1): Told & { readonly offset: number } {
  const output = new Map<number, string>();
  const ends: string[] = [];
  const stream = new SpoolStream({ number: from, offset: 0 }, token, {
    onBytes: (number, bytes) => output.set(number, (output.get(number) ?? "") + Buffer.from(bytes).toString("latin1")),
    onEnd: (end) => ends.push(`${end.number} ${end.status} ${end.directory} ${end.held}`),
    onForeignMarker: () => undefined,
  });
  const places = [...new Set([0, ...cuts.map((cut) => cut % (file.length + 1)), file.length])].toSorted(
    (a, b) => a - b,
  );
  places.forEach((place, index) => {
    stream.feed(file.subarray(place, places[index + 1] ?? file.length));
  });
  return { output, ends, offset: stream.offset };
}

/** Bytes rich in what markers are made of. */
const pieces = fc.array(
  fc.oneof(
    fc.constantFrom(separator, "\n", "token1", "token2", `${separator}tok`, `${separator}\n`, " 0 /x"),
    fc.string(),
  ),
  { maxLength: 8 },
);

describe("spool stream", () => {
  it("tells each command's bytes and end, however the file is cut into chunks", () => {
    fc.assert(
      fc.property(
        fc.array(pieces, { minLength: 1, maxLength: 4 }),
        fc.array(fc.nat(), { maxLength: 20 }),
        (commands, cuts) => {
          // A command never knows its own token before its end; what takes its place must not make another one of its neighbours.
          const texts = commands.map((parts, index) =>
            parts.join("").replaceAll(`${separator}${token(index + 1)}`, "x"),
          );
          const file = texts.map(
            (text, index) => `${text}${separator}${token(index + 1)} ${index} /d\n ir${separator}\n`,
          );
          const told = read(Buffer.from(file.join(""), "latin1"), cuts);
          texts.forEach((text, index) => {
            expect(told.output.get(index + 1) ?? "").toBe(Buffer.from(text, "latin1").toString("latin1"));
          });
          expect(told.ends).toEqual(texts.map((_, index) => `${index + 1} ${index} /d\n ir false`));
          expect(told.offset).toBe(Buffer.from(file.join(""), "latin1").length);
        },
      ),
      { numRuns: 500 },
    );
  });

  it("takes another command's marker, replayed, for output", () => {
    const file = Buffer.from(
      `a${separator}token1 0 /${separator}\n${separator}token1 7 /fake${separator}\nb${separator}token2 3 /${separator}\n`,
    );
    const told = read(file, []);
    expect(told.output.get(2)).toBe(`${separator}token1 7 /fake${separator}\nb`);
    expect(told.ends).toEqual(["1 0 / false", "2 3 / false"]);
  });

  it("holds back nothing but what could be a marker", () => {
    const told = read(Buffer.from(`abc${separator}to`), []);
    expect(told.output.get(1)).toBe("abc");
    expect(told.offset).toBe(3);
  });

  it("gives late output to the command whose streams something still holds", () => {
    const file = Buffer.from(
      `x${separator}token1 !b0 ?${separator}\nlate${separator}token1 !0 ?${separator}\ny${separator}token2 0 /${separator}\n`,
    );
    const told = read(file, []);
    expect(told.output.get(1)).toBe("xlate");
    expect(told.output.get(2)).toBe("y");
    expect(told.ends).toEqual(["1 0 undefined true", "2 0 / false"]);
  });

  it.each([[0], [1], [40], [70]])(
    "drops markers from outside that come again, whoever had them put in (cut at %i)",
    (cut) => {
      const output: string[] = [];
      const foreign: number[] = [];
      const stream = new SpoolStream({ number: 1, offset: 0 }, token, {
        onBytes: (number, bytes) => output.push(`${number} ${Buffer.from(bytes).toString()}`),
        onEnd: () => undefined,
        onForeignMarker: (number) => foreign.push(number),
      });
      const outside = `${separator}token1 !b0 ?${separator}\n${separator}token1 !0 ?${separator}\n`;
      const file = Buffer.from(`a${separator}token1 0 /${separator}\n${outside}${outside}b`);
      stream.feed(file.subarray(0, cut));
      stream.feed(file.subarray(cut));
      expect(output).toEqual(["1 a", "2 b"]);
      expect(foreign).toEqual([1, 1]);
      expect(stream.begins).toBe(stream.offset - 1);
    },
  );

  it("drops them also where the first of them ended the command", () => {
    const outside = `${separator}token1 !b9 ?${separator}\n${separator}token1 !9 ?${separator}\n`;
    const told = read(Buffer.from(`a${outside}${outside}b${separator}token2 0 /${separator}\n`), []);
    expect([...told.output]).toEqual([
      [1, "a"],
      [2, "b"],
    ]);
    expect(told.ends).toEqual(["1 9 undefined true", "2 0 / false"]);
  });

  it("drops none of them within a command's output", () => {
    const outside = `${separator}token1 !0 ?${separator}\n`;
    const told = read(
      Buffer.from(`a${separator}token1 0 /${separator}\nb${outside}${separator}token2 0 /${separator}\n`),
      [],
    );
    expect(told.output.get(2)).toBe(`b${outside}`);
  });
});
