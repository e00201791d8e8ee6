import { createHash, randomBytes, randomInt } from "node:crypto";
import { closeSync, createReadStream, ftruncateSync, openSync, readSync, rmSync, statSync, writeSync } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { canMakeUsers, makeTempDir } from "../helpers/servers/index.ts";
import { fileHosts, openSudoPlace, type FilePlace } from "./file-places.ts";
import { playsInFull } from "./plays-in-full.ts";

/** Beyond what fits into 32 bits. */
const fileBytes = playsInFull ? 5_000_000_000 : 5_000_000;

/** Places in it where there is something, and ranges that are read. */
const islands = 40;
const ranges = playsInFull ? 25 : 3;

const places: Readonly<Record<string, () => Promise<FilePlace>>> = playsInFull
  ? { ...fileHosts, ...(canMakeUsers ? { "OpenSSH with sudo": openSudoPlace } : {}) }
  : { "OpenSSH with SFTP": fileHosts["OpenSSH with SFTP"] };

function makeSparse(path: string): void {
  const file = openSync(path, "w");
  ftruncateSync(file, fileBytes);
  const ends = [0, fileBytes - 1_000, Math.min(2 ** 32, fileBytes) - 500, Math.min(2 ** 31, fileBytes) - 500];
  for (const at of [...ends, ...Array.from({ length: islands }, () => randomPlace())]) {
    writeSync(file, randomBytes(randomInt(1, 500)), 0, undefined, at);
  }
  ftruncateSync(file, fileBytes);
  closeSync(file);
}

function randomPlace(): number {
  return randomInt(0, 10_000) * Math.floor(fileBytes / 10_000) + randomInt(0, 499);
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path, { highWaterMark: 1_048_576 }), hash);
  return hash.digest("hex");
}

function rangeOf(path: string, from: number, lengthBytes: number): Buffer {
  const file = openSync(path, "r");
  const target = Buffer.alloc(lengthBytes);
  const got = readSync(file, target, 0, lengthBytes, from);
  closeSync(file);
  return target.subarray(0, got);
}

describe.each(Object.entries(places))(`a file of ${fileBytes} bytes that is mostly a hole, %s`, (kind, open) => {
  let place: FilePlace;
  const here = makeTempDir();
  beforeAll(async () => {
    place = await open();
    makeSparse(join(place.local, "large"));
  });
  afterAll(async () => {
    rmSync(join(place.local, "large"), { force: true });
    await place.remove();
    here.remove();
  });
  const sudo = kind.includes("sudo") ? "root" : undefined;

  it("is read at any place", async () => {
    const path = join(place.local, "large");
    const edges = [0, fileBytes - 1, fileBytes, fileBytes + 5, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32];
    for (const from of [...edges, ...Array.from({ length: ranges }, () => randomPlace())]) {
      const seen = await place.session.files.read({ path: `${place.directory}/large`, from, maxBytes: 70_000, sudo });
      if (seen.kind !== "file") throw new Error("no file");
      expect(Buffer.from(seen.bytes).equals(rangeOf(path, from, 70_000))).toBe(true);
      expect(seen.facts.sizeBytes).toBe(fileBytes);
    }
    const end = await place.session.files.read({ path: `${place.directory}/large`, tailLines: 2, maxBytes: 900, sudo });
    if (end.kind !== "file") throw new Error("no file");
    const { length } = end.bytes;
    expect(Buffer.from(end.bytes).equals(rangeOf(path, fileBytes - length, length))).toBe(true);
  }, 1_200_000);

  it.skipIf(sudo !== undefined)(
    "goes down and up again, whole",
    async () => {
      const copy = (from: string, to: string) => place.call("ssh_copy", { from, to, wait_s: 900 });
      const near = join(here.path, "large");
      const words = `copied · 1 file · ${fileBytes.toLocaleString("en")} bytes · `;
      expect((await copy(`box:${place.directory}/large`, near)).text).toContain(words);
      const sha256 = await hashOf(join(place.local, "large"));
      expect(await hashOf(near)).toBe(sha256);
      // Holes stay holes here; a shell on a host does not make any.
      if (playsInFull) expect(statSync(near).blocks * 512).toBeLessThan(fileBytes / 2);
      rmSync(join(place.local, "large"));
      expect((await copy(near, `box:${place.directory}/large`)).text).toContain(words);
      expect(await hashOf(join(place.local, "large"))).toBe(sha256);
    },
    1_800_000,
  );
});
