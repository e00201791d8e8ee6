import { describe, expect, it } from "vitest";
import { authorityFor, findCookie, parseAuthority } from "./x11-authority.ts";

const cookie = (letter: string): Buffer => Buffer.from(letter.repeat(16));

function entry(family: number, fields: readonly (string | Buffer)[]): Buffer {
  const parts = fields.map((field) => {
    const bytes = Buffer.from(field);
    return Buffer.concat([Buffer.from([0, bytes.length]), bytes]);
  });
  return Buffer.concat([Buffer.from([family >> 8, family & 255]), ...parts]);
}

const magic = "MIT-MAGIC-COOKIE-1";
const file = Buffer.concat([
  entry(256, ["formername", "0", magic, cookie("f")]),
  entry(256, ["here", "0", "XDM-AUTHORIZATION-1", cookie("x")]),
  entry(256, ["here", "0", magic, cookie("h")]),
  entry(256, ["here", "1", magic, "short"]),
  entry(256, ["formername", "2", magic, cookie("o")]),
  entry(0, [Buffer.from([10, 0, 0, 7]), "0", magic, cookie("i")]),
  entry(6, [Buffer.from("20010db8000000000000000000000001", "hex"), "0", magic, cookie("6")]),
]);
const here = { number: 0, address: undefined, hostName: "here" };

describe("a file of cookies", () => {
  it.each([
    ["a socket, by the machine's name", here, "h"],
    ["a port of this machine", { ...here, address: "127.0.0.1" }, "h"],
    ["a machine whose name has changed", { ...here, number: 2 }, "o"],
    ["another machine", { ...here, address: "10.0.0.7" }, "i"],
    ["another machine, as it may be written", { ...here, address: "::ffff:10.0.0.7" }, "i"],
    ["another machine with a longer address", { ...here, address: "2001:db8::1" }, "6"],
  ])("has that of %s", (_name, peer, letter) => {
    expect(findCookie(parseAuthority(file), peer)?.toString()).toBe(letter.repeat(16));
  });

  it("has none for what it does not name, and none that is of another kind", () => {
    const entries = parseAuthority(file);
    expect(findCookie(entries, { ...here, number: 1 })).toBeUndefined();
    expect(findCookie(entries, { ...here, number: 9 })).toBeUndefined();
    expect(findCookie(entries, { ...here, address: "10.0.0.8" })).toBeUndefined();
    expect(findCookie([], here)).toBeUndefined();
  });

  it("is read as far as it is whole", () => {
    const entries = parseAuthority(file);
    expect(entries).toHaveLength(7);
    for (let size = 0; size < file.length; size += 1) {
      const part = parseAuthority(file.subarray(0, size));
      expect(part).toEqual(entries.slice(0, part.length));
    }
  });

  it("that is made for programs is good for every display", () => {
    const entries = parseAuthority(authorityFor(cookie("p")));
    for (const address of [undefined, "10.9.9.9"]) {
      expect(findCookie(entries, { number: 77, address, hostName: "any" })).toEqual(cookie("p"));
    }
  });
});
