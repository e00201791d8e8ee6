import { createHash, randomBytes } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ReadFile } from "../../src/sessions/index.ts";
import { fileHosts, type FilePlace } from "./file-places.ts";

/** Around the sizes of the chunks in which files travel. */
const sizes = [0, 1, 32_767, 32_768, 32_769, 261_119, 261_120, 261_121];

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

describe.each(Object.entries(fileHosts))("files on %s", (kind, open) => {
  let place: FilePlace;
  beforeAll(async () => {
    place = await open();
  });
  afterAll(() => place.remove());

  const here = (name: string): string => join(place.local, name);
  const there = (name: string): string => `${place.directory}/${name}`;
  async function readFile(
    name: string,
    more: { from?: number; maxBytes?: number; tailLines?: number } = {},
  ): Promise<ReadFile> {
    const seen = await place.session.files.read({ path: there(name), maxBytes: 2_097_152, ...more });
    if (seen.kind !== "file") throw new Error("a directory");
    return seen;
  }

  it.each(sizes)("%i bytes there and back, any bytes", async (size) => {
    const content = randomBytes(size);
    const written = await place.session.files.write({ path: there("any"), content, mode: "replace" });
    expect(written).toMatchObject({ sha256: sha256(content), facts: { sizeBytes: size } });
    // That host has nothing that could keep them, nor tell whether there were any.
    const unsure = kind.includes("busybox") && !written.created;
    expect(written.notes).toEqual(unsure ? [expect.stringMatching(/access list or .* if it had any/)] : []);
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
      { numRuns: 8 },
    );
  });
});
