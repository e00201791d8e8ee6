import { describe, expect, test } from "vitest";
import { ToldBehind, type Told } from "./told-behind.ts";

function play(pieces: readonly string[]): Told & { readonly output: string; readonly pid: number | undefined } {
  let output = "";
  const told = new ToldBehind("abcd", (bytes) => {
    output += Buffer.from(bytes).toString("latin1");
  });
  for (const piece of pieces) told.feed(Buffer.from(piece, "latin1"));
  return { ...told.end(), output, pid: told.pid };
}

const whole = "out\r\nabcd 3\r\nC:\\x\r\nA=1\r\nB=a=b\r\nabcd.\r\n";

describe("what is told behind the output", () => {
  test("however the bytes come", () => {
    for (let at = 0; at <= whole.length; at += 1) {
      const { output, status, state } = play([whole.slice(0, at), whole.slice(at)]);
      expect([output, status, state?.directory]).toEqual(["out\r\n", 3, "C:\\x"]);
      expect([...(state?.variables ?? [])]).toEqual([
        ["A", "1"],
        ["B", "a=b"],
      ]);
    }
    expect(play(whole.split("")).output).toBe("out\r\n");
  });

  test("output keeps every byte, also what looks like the beginning of a mark", () => {
    expect(play(["no end abc"])).toMatchObject({ output: "no end abc", status: undefined, state: undefined });
    expect(play(["\u00FF\u0000ab", "abcabcd -5\r\n"])).toMatchObject({ output: "\u00FF\u0000ababc", status: -5 });
  });

  test("what did not come whole is no state", () => {
    expect(play(["abcd 0\r\nC:\\x\r\nA=1\r\n"])).toMatchObject({ status: 0, state: undefined });
    expect(play(["abcd gone\r\n"])).toMatchObject({ gone: true, status: undefined });
    expect(play(["abcd 4294967295\r\n"])).toMatchObject({ status: -1 });
  });

  test("a process number goes before it, variables may have several lines with NUL between", () => {
    const { output, pid, state } = play(["abcd pid 12", "34\noutput", "abcd 0\nC:\\x\nA=1\n2\0B=3\0\nabcd.\n"]);
    expect([output, pid]).toEqual(["output", 1234]);
    expect([...(state?.variables ?? [])]).toEqual([
      ["A", "1\n2"],
      ["B", "3"],
    ]);
  });

  test("megabytes behind the mark are not kept", () => {
    const told = new ToldBehind("abcd", () => undefined);
    told.feed(Buffer.from("abcd 0\r\n"));
    for (let n = 0; n < 40; n += 1) told.feed(Buffer.alloc(65_536, 0x61));
    expect(told.end()).toMatchObject({ status: 0, state: undefined });
  });
});
