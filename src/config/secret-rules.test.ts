import { describe, expect, it } from "vitest";
import { parseConfig } from "./parse-config.ts";

function rules(secrets: string): { readonly rememberSecretsMs: number; readonly hideTokens: boolean } {
  return parseConfig(`secrets: ${secrets}\n`, "config.yaml");
}

describe("rules for secrets", () => {
  it.each([
    ["{}", 900_000],
    ["{ remember: 90s }", 90_000],
    ["{ remember: 15m }", 900_000],
    ["{ remember: 2h }", 7_200_000],
    ["{ remember: session }", Number.POSITIVE_INFINITY],
    ["{ remember: never }", 0],
  ])("%s: remembered for %d ms", (text, ms) => {
    expect(rules(text).rememberSecretsMs).toBe(ms);
  });

  it.each(["{ remember: 0m }", "{ remember: 15 }", "{ remember: always }", "{ patterns: yes please }", "{ other: 1 }"])(
    "%s is refused by its line",
    (text) => {
      expect(() => rules(text)).toThrow(/^config\.yaml line 1: /);
    },
  );

  it("hide what looks like a token only where they say so", () => {
    expect([rules("{}").hideTokens, rules("{ patterns: true }").hideTokens]).toEqual([false, true]);
  });
});
