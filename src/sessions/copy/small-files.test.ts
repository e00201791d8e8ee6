import { randomBytes } from "node:crypto";
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { SmallFiles, smallFileBytes } from "./small-files.ts";

describe("small files of this machine", () => {
  let place = "";
  let files: SmallFiles;
  const at = (name: string): string => join(place, name);
  const write = (name: string, bytes: Uint8Array): Promise<void> =>
    files.write({ part: at(".part"), path: at(name) }, bytes, { mode: 0o751, modifiedS: 1_000_000_000 });
  beforeEach(() => {
    place = mkdtempSync(join(tmpdir(), "hf-small-"));
    files = new SmallFiles();
  });
  afterEach(async () => {
    await files.close();
    rmSync(place, { recursive: true, force: true });
  });

  it("are written and read as a whole, many at once, with mode and time", async () => {
    const all = Array.from({ length: 100 }, (_, number) => randomBytes(1 + number * 300));
    await Promise.all(
      all.map(async (bytes, number) => {
        const to = { part: at(`.part-${number}`), path: at(`f${number}`) };
        await files.write(to, bytes, { mode: 0o640, modifiedS: 1_000_000_000 });
      }),
    );
    expect(readdirSync(place).length).toBe(100);
    const read = await Promise.all(all.map((_, number) => files.read(at(`f${number}`))));
    const facts = { kind: "file", mode: 0o640, modifiedS: 1_000_000_000 };
    expect(read.map((one) => one?.facts)).toEqual(all.map(({ length }) => ({ ...facts, sizeBytes: length })));
    expect(read.every((one, number) => all[number]?.equals(one?.bytes ?? Buffer.alloc(0)) === true)).toBe(true);
  });

  it("take the place of what is there, also of what an earlier copy has left", async () => {
    writeFileSync(at("f"), "old");
    writeFileSync(at(".part"), "half of something longer");
    await write("f", Buffer.from("new"));
    expect(readFileSync(at("f"), "utf8")).toBe("new");
    expect(statSync(at("f")).mode & 0o777).toBe(0o751);
    expect(readdirSync(place)).toEqual(["f"]);
  });

  it("leave what is there when they cannot be written, and nothing else", async () => {
    mkdirSync(at("d/in"), { recursive: true });
    await expect(write("d", Buffer.from("new"))).rejects.toThrow(/EISDIR|directory/);
    await expect(write("none/f", Buffer.from("new"))).rejects.toThrow(/ENOENT/);
    expect(readdirSync(place)).toEqual(["d"]);
  });

  it("are nothing but small regular files", async () => {
    writeFileSync(at("large"), Buffer.alloc(smallFileBytes + 1));
    writeFileSync(at("f"), "x");
    symlinkSync("f", at("link"));
    expect(await files.read(at("large"))).toBeUndefined();
    await expect(files.read(at("link"))).rejects.toThrow(/ELOOP/);
    await expect(files.read(at("none"))).rejects.toThrow(/ENOENT/);
    await expect(files.read(place)).resolves.toBeUndefined();
  });

  it("are given up when the copy ends", async () => {
    writeFileSync(at("f"), "x");
    const reading = files.read(at("f"));
    await files.close();
    await expect(reading).rejects.toMatchObject({ code: "cancelled" });
    await expect(files.read(at("f"))).rejects.toMatchObject({ code: "cancelled" });
    await files.close();
  });
});
