import { describe, expect, it } from "vitest";
import { farewellLine, helloLine, isNewer, readFarewell, readHello, readWelcome, welcomeLine } from "./hello.ts";

const hello = { role: "mcp", version: "1.2.3", settings: "ab" } as const;
const welcome = { kind: "welcome", facts: { version: "1.2.3", pid: 7, connections: 2, upMs: 5 } } as const;

describe("the handshake", () => {
  it("comes out as it went in", () => {
    expect(readHello(helloLine(hello))).toEqual(hello);
    expect(readWelcome(welcomeLine(welcome))).toEqual(welcome);
    expect(readWelcome(welcomeLine({ kind: "ending" }))).toEqual({ kind: "ending" });
    expect(readWelcome(welcomeLine({ kind: "refused", why: "no" }))).toEqual({ kind: "refused", why: "no" });
    expect(readFarewell(farewellLine({ taken: 12, successor: true }))).toEqual({ taken: 12, successor: true });
  });

  it.each(["", "{", "[]", "220 hello", '{"holdfast":2,"role":"mcp","version":"1","settings":""}', '{"holdfast":1}'])(
    "takes %j for none",
    (line) => {
      expect(readHello(line)).toBeUndefined();
      expect(readWelcome(line).kind).toBe("refused");
      expect(readFarewell(line)).toBeUndefined();
    },
  );

  it("takes no message for a farewell", () => {
    expect(readFarewell('{"jsonrpc":"2.0","result":{"holdfast":1,"taken":3}}')).toBeUndefined();
  });

  it.each([
    ["1.2.3", "1.2.3", false],
    ["1.2.4", "1.2.3", true],
    ["1.2.3", "1.2.4", false],
    ["1.10.0", "1.9.9", true],
    ["2.0.0", "1.9.9", true],
    ["1.2.3-beta.1", "1.2.3", false],
    ["nonsense", "0.0.1", false],
  ])("knows whether %s is newer than %s", (one, other, newer) => {
    expect(isNewer(one, other)).toBe(newer);
  });
});
