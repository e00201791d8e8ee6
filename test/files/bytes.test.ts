import { createHash, randomBytes } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ReadFile } from "../../src/sessions/index.ts";
import { canMakeUsers } from "../helpers/servers/index.ts";
import { playsInFull } from "./plays-in-full.ts";
import { fileHosts, openSudoPlace, type FilePlace } from "./file-places.ts";

/** Around the sizes of the chunks in which files travel. */
const sizes = [0, 1, 32_767, 32_768, 32_769, 261_119, 261_120, 261_121];

const runs = playsInFull ? 40 : 4;

const places: Readonly<Record<string, () => Promise<FilePlace>>> = {
  ...fileHosts,
  ...(canMakeUsers ? { "OpenSSH with sudo": openSudoPlace } : {}),
};

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

describe.each(Object.entries(places))("files on %s", (kind, open) => {
  let place: FilePlace;
  beforeAll(async () => {
    place = await open();
  });
  afterAll(() => place.remove());

  const sudo = kind.includes("sudo") ? "root" : undefined;
  const here = (name: string): string => join(place.local, name);
  const there = (name: string): string => `${place.directory}/${name}`;
  async function readFile(
    name: string,
    more: { from?: number; maxBytes?: number; tailLines?: number } = {},
  ): Promise<ReadFile> {
    const seen = await place.session.files.read({ path: there(name), maxBytes: 2_097_152, sudo, ...more });
    if (seen.kind !== "file") throw new Error("a directory");
    return seen;
  }

  it.each(sizes)("%i bytes there and back, any bytes", async (size) => {
    const content = randomBytes(size);
    const written = await place.session.files.write({ path: there("any"), content, mode: "replace", sudo });
    expect(written).toMatchObject({ sha256: sha256(content), facts: { sizeBytes: size } });
    // That host has nothing that could keep them, nor tell whether there were any.
    const unsure = kind.includes("busybox") && !written.created;
    // Nor has it a chmod: the first that replaces a file says so, the others find the mode that they would have given it.
    const others = written.notes.filter((note) => !(unsure && note.startsWith("its mode could not be kept")));
    expect(others).toEqual(unsure ? [expect.stringMatching(/access list or .* if it had any/)] : []);
    expect(readFileSync(here("any")).equals(content)).toBe(true);
    const seen = await readFile("any");
    expect(Buffer.from(seen.bytes).equals(content)).toBe(true);
    expect(seen).toMatchObject({ sha256: sha256(content), from: 0, facts: { sizeBytes: size } });
    expect(readdirSync(place.local).filter((name) => name.startsWith(".holdfast"))).toEqual([]);
  });

  it("any range of any file", async () => {
    const content = randomBytes(600_000);
    writeFileSync(here("range"), content);
    const range = fc.tuple(fc.integer({ min: 0, max: 610_000 }), fc.integer({ min: 1, max: 610_000 }));
    await fc.assert(
      fc.asyncProperty(range, async ([from, maxBytes]) => {
        const seen = await readFile("range", { from, maxBytes });
        return Buffer.from(seen.bytes).equals(content.subarray(from, from + maxBytes));
      }),
      { numRuns: runs },
    );
  });

  it("content of any size, written, appended and read by its end", async () => {
    const size = fc.oneof(fc.integer({ min: 0, max: 2_000 }), fc.integer({ min: 0, max: 700_000 }));
    await fc.assert(
      fc.asyncProperty(size, size, fc.integer({ min: 1, max: 50 }), async (first, second, lines) => {
        const parts = [randomBytes(first), randomBytes(second)];
        for (const [number, content] of parts.entries()) {
          const mode = number === 0 ? "replace" : "append";
          await place.session.files.write({ path: there("grown"), content, mode, sudo });
        }
        const whole = Buffer.concat(parts);
        expect(sha256(readFileSync(here("grown")))).toBe(sha256(whole));
        const end = Buffer.from((await readFile("grown", { tailLines: lines })).bytes);
        const from = whole.length - end.length;
        expect(end.equals(whole.subarray(from))).toBe(true);
        // The lines that it has, the last of which may have no end.
        const breaks = end.subarray(0, -1).reduce((count, byte) => count + (byte === 0x0a ? 1 : 0), 0);
        expect(breaks).toBe(from === 0 ? Math.min(breaks, lines - 1) : lines - 1);
      }),
      { numRuns: Math.ceil(runs / 2) },
    );
  });
});
