import { expect, it } from "vitest";
import { suggest } from "./suggest.ts";

it.each([
  ["cal", "call"],
  ["docter", "doctor"],
  ["cloes", "close"],
  ["frobnicate", undefined],
])("%s means %s", (text, meant) => {
  expect(suggest(text, ["call", "ls", "trust", "doctor", "close"])).toBe(meant);
});
