import { randomBytes } from "node:crypto";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { makeTempDir } from "../helpers/servers/index.ts";
import { fileHosts, type FilePlace } from "./file-places.ts";

/** Around the sizes of the chunks in which files travel. */
const sizes = [0, 1, 32_769, 261_121, 3_000_000];

/** The shell is the same where SFTP is merely missing. */
const hosts = Object.entries(fileHosts).filter(([kind]) => !/without|missing/.test(kind));

describe.each(hosts)("copies to and from %s", (kind, open) => {
  let place: FilePlace;
  const sftp = kind.includes("with SFTP") || kind.includes("dropbear");
  let round = 0;
  let local = "";
  const here = makeTempDir();
  beforeAll(async () => {
    place = await open();
  });
  afterAll(async () => {
    await place.remove();
    here.remove();
  });
  beforeEach(() => {
    round += 1;
    local = join(here.path, String(round));
    mkdirSync(local);
    mkdirSync(join(place.local, `r${round}`), { mode: 0o755 });
    chmodSync(join(place.local, `r${round}`), 0o777);
  });
  const onHost = (name: string): string => join(place.local, `r${round}`, name);
  const there = (name: string): string => `${place.session.name}:${place.directory}/r${round}/${name}`;
  const copy = (args: Record<string, unknown>) => place.call("ssh_copy", args);

  it("files of any size, both ways, with mode and time", async () => {
    // Without SFTP each step is a process on the host.
    for (const size of sftp ? sizes : [0, 261_121]) {
      const content = randomBytes(size);
      writeFileSync(join(local, "up"), content);
      chmodSync(join(local, "up"), 0o640);
      utimesSync(join(local, "up"), 1_700_000_000, 1_700_000_000);
      const up = await copy({ from: join(local, "up"), to: there("f"), verify: true });
      expect(up.text).toMatch(/^copied · 1 file · /);
      expect(readFileSync(onHost("f")).equals(content)).toBe(true);
      const down = await copy({ from: there("f"), to: join(local, `down${size}`), verify: true });
      expect(down.text).toMatch(/^copied · 1 file · /);
      expect(readFileSync(join(local, `down${size}`)).equals(content)).toBe(true);
      if (kind.includes("busybox")) continue;
      expect(statSync(onHost("f")).mtimeMs).toBe(1_700_000_000_000);
      expect(statSync(join(local, `down${size}`)).mode & 0o777).toBe(0o640);
    }
    expect(readdirSync(join(onHost(""))).filter((name) => name.startsWith(".holdfast"))).toEqual([]);
  });

  it("trees with links and odd names; the same again costs nothing; delete and exclude", async () => {
    mkdirSync(join(local, "t/sub dir"), { recursive: true });
    const odd = `it's "odd" ${"\n"} name`;
    writeFileSync(join(local, "t", odd), "odd");
    writeFileSync(join(local, "t/sub dir/b"), "b");
    writeFileSync(join(local, "t/skip.log"), "x");
    // That host has no `ln`.
    if (sftp) symlinkSync("sub dir/b", join(local, "t/link"));
    const args = { from: join(local, "t"), to: there("t"), recursive: true, exclude: ["*.log"] };
    expect((await copy(args)).text).toMatch(/^copied · 2 files · 4 bytes · /);
    expect(readdirSync(onHost("t")).toSorted()).toEqual([odd, ...(sftp ? ["link"] : []), "sub dir"].toSorted());
    expect(readFileSync(onHost(`t/${odd}`), "utf8")).toBe("odd");
    if (!sftp) return;
    expect(readlinkSync(onHost("t/link"))).toBe("sub dir/b");
    expect((await copy(args)).text).toContain("2 the same already");
    writeFileSync(onHost("t/extra"), "e");
    expect((await copy({ ...args, delete: true })).text).toContain("1 removed");
    expect(existsSync(onHost("t/extra"))).toBe(false);
    expect((await copy({ from: there("t"), to: `${join(local, "back")}/`, recursive: true })).isError).toBe(false);
    expect(readFileSync(join(local, "back/t/sub dir/b"), "utf8")).toBe("b");
  });
});
