import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { HoldfastError } from "../base/index.ts";
import { parseTargetText } from "./target-text.ts";

describe("the text of a target", () => {
  it.each([
    ["web1", undefined, "web1", undefined],
    ["deploy@web1", "deploy", "web1", undefined],
    ["deploy@web1:2222", "deploy", "web1", 2222],
    ["web1:2222", undefined, "web1", 2222],
    ["me@[::1]:22", "me", "::1", 22],
    ["[fe80::1%eth0]", undefined, "fe80::1%eth0", undefined],
    ["::1", undefined, "::1", undefined],
    ["a@b@web1", "a@b", "web1", undefined],
    ["DOMAIN\\me@web1", "DOMAIN\\me", "web1", undefined],
    ["svc$@web1", "svc$", "web1", undefined],
  ])("%s", (text, user, host, port) => {
    expect(parseTargetText(text)).toEqual({ user, host, port });
  });

  it.each([
    "",
    "-oProxyCommand=id",
    "me@-oX",
    "-l@web1",
    "web 1",
    "web1\n",
    "web1\0",
    "@web1",
    "me@",
    "web1:",
    "web1:0",
    "web1:65536",
    "web1:ssh",
    "[::1",
    "::1]",
    "web1;id",
    "$(id)",
    "a`id`",
    "x|y",
    "u;id@web1",
    "u\\@web1",
    "'a'@web1",
    "[]:22",
    "x".repeat(600),
  ])("%j is no target", (text) => {
    expect(() => parseTargetText(text)).toThrow(expect.objectContaining({ code: "bad_input" }));
  });

  it("gives something safe to hand to ssh, or refuses", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 40 }), (text) => {
        try {
          const { host, user, port } = parseTargetText(text);
          expect(host).toMatch(/^[^-\s]/);
          expect(user ?? "u").toMatch(/^[^-\s]/);
          expect(port ?? 1).toBeGreaterThan(0);
        } catch (error) {
          if (!(error instanceof HoldfastError)) throw error;
        }
      }),
    );
  });
});
