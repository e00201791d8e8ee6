import { expect, test } from "vitest";
import { parseReply } from "../helpers/reply.ts";
import { endedAtMs, lineCount, wrongLines } from "./numbered-lines.ts";

const lines = Array.from({ length: lineCount }, (_, index) => `line ${String(index + 1)}`);

function judge(state: string, list: readonly string[], end = "end 1700000000000000000"): string | undefined {
  return wrongLines(parseReply(`${state} · 20 s · box:/root · box/1\n${[...list, end].join("\n")}\n`, false));
}

test("the whole output with the right status is right", () => {
  expect(judge("exit 42", lines)).toBeUndefined();
});

test("a line that is missing, twice, cut or out of order, and a wrong ending, are found", () => {
  expect(judge("exit 42", lines.toSpliced(500, 1))).toContain("line 501");
  expect(judge("exit 42", lines.toSpliced(500, 0, "line 500"))).toContain("line 501");
  expect(judge("exit 42", lines.with(3, "lin"))).toContain("line 4");
  expect(judge("exit 42", [...lines].toReversed())).toContain("line 1");
  expect(judge("exit 42", lines, "line 1000")).toContain("the last line is missing");
  expect(judge("exit 0", lines)).toContain("exit 0");
  expect(judge("lost", lines)).toContain("lost");
});

test("the end is read as milliseconds", () => {
  expect(endedAtMs(parseReply("exit 42\nend 1700000000123000000\n", false))).toBe(1_700_000_000_123);
});
