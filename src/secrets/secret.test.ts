import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { Secret } from "./index.ts";

const sudo = { kind: "sudo", user: "deploy", host: "10.0.0.5" } as const;

describe("a secret", () => {
  it("prints as nothing, and is good for one purpose only", () => {
    const secret = new Secret("hunter22", sudo);
    expect([
      String(secret),
      JSON.stringify({ secret }),
      inspect({ secret }),
      inspect(secret, { showHidden: true }),
    ]).toEqual(["[secret]", '{"secret":"[secret]"}', "{ secret: [secret] }", "[secret]"]);
    expect(Object.values(secret)).toEqual([]);
    expect(secret.reveal(sudo)).toBe("hunter22");
    for (const other of [{ kind: "other" }, { user: "root" }, { host: "10.0.0.6" }, { what: "x" }] as const) {
      expect(() => secret.reveal({ ...sudo, ...other })).toThrow("something else");
    }
  });
});
