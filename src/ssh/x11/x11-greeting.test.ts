import { describe, expect, it } from "vitest";
import { ownGreeting, readGreeting, type X11Greeting } from "./x11-greeting.ts";

const [shown, real] = [Buffer.alloc(16, 1), Buffer.alloc(16, 2)];
const little = ownGreeting(shown);

/** The same in the other byte order. */
const big = Buffer.from(little);
big[0] = 0x42;
for (const at of [2, 4, 6, 8]) big.writeUInt16BE(little.readUInt16LE(at), at);

function whole(bytes: Buffer): X11Greeting {
  const read = readGreeting(bytes);
  if (typeof read === "string") throw new Error(read);
  return read;
}

describe("what a program says first", () => {
  it.each([
    ["in one byte order", little],
    ["in the other", big],
  ])("shows a cookie, and another takes its place: %s", (_name, bytes) => {
    for (let size = 0; size < bytes.length; size += 1) expect(readGreeting(bytes.subarray(0, size))).toBe("more");
    const greeting = whole(Buffer.concat([bytes, Buffer.from("what follows")]));
    expect(greeting.sizeBytes).toBe(bytes.length);
    expect(greeting.shows(shown)).toBe(true);
    expect(greeting.shows(real)).toBe(false);
    expect(greeting.shows(shown.subarray(1))).toBe(false);
    const swapped = greeting.with(real);
    expect(swapped).toHaveLength(bytes.length);
    expect(swapped.subarray(0, -16)).toEqual(bytes.subarray(0, -16));
    expect(whole(swapped).shows(real)).toBe(true);
    const without = greeting.with(undefined);
    expect(without).toHaveLength(12);
    expect(without.subarray(0, 6)).toEqual(bytes.subarray(0, 6));
    expect(whole(without).shows(shown)).toBe(false);
  });

  it("counts only under its own name", () => {
    const other = Buffer.from(little);
    other.write("X", 12);
    expect(whole(other).shows(shown)).toBe(false);
  });

  it("is nothing else, and never long", () => {
    expect(readGreeting(Buffer.from("GET / HTTP/1.1\r\n"))).toBe("broken");
    const long = Buffer.from(little);
    long.writeUInt16LE(60_000, 8);
    expect(readGreeting(long)).toBe("broken");
  });
});
