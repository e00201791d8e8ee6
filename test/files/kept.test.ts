import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, readdirSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { WrittenFile } from "../../src/sessions/index.ts";
import { canMakeUsers } from "../helpers/servers/index.ts";
import { playsInFull } from "./plays-in-full.ts";
import { fileHosts, openSudoPlace, type FilePlace } from "./file-places.ts";

const run = (program: string, ...args: readonly string[]): string => execFileSync(program, args, { encoding: "utf8" });

/** All that a file has besides its content and its times. */
function kept(path: string): string {
  const owner = run("stat", "-c", "%a %u %g", path);
  return `${owner}${run("getfacl", "-cpn", path)}${run("getfattr", "-d", "-m", "user|trusted", "--absolute-names", path)}`;
}

const places = {
  root: async () => ({ place: await fileHosts["OpenSSH with SFTP"](), sudo: undefined }),
  ...(playsInFull ? { "a user with sudo": async () => ({ place: await openSudoPlace(), sudo: "root" }) } : {}),
};

describe.runIf(canMakeUsers).each(Object.entries(places))("what a write keeps, as %s", (_, open) => {
  let place: FilePlace;
  let sudo: string | undefined;
  beforeAll(async () => {
    ({ place, sudo } = await open());
  });
  afterAll(() => place.remove());
  const at = (name: string): string => join(place.local, name);
  const write = (name: string, content: string, mode: "replace" | "append" = "replace"): Promise<WrittenFile> =>
    place.session.files.write({ path: at(name), content: Buffer.from(content), mode, sudo });

  it.each(["replace", "append"] as const)(
    "owner, group, mode, access list and attributes of a file (%s)",
    async (mode) => {
      const name = `file-${mode}`;
      writeFileSync(at(name), "old");
      run("chown", "1234:5678", at(name));
      run("setfacl", "-m", "u:daemon:r,u:4321:rw,g:adm:---,m:rw", at(name));
      run("setfattr", "-n", "user.note", "-v", "kept; with 'quotes'", at(name));
      run("setfattr", "-n", "user.bytes", "-v", "0x00ff0a", at(name));
      run("setfattr", "-n", "trusted.note", "-v", "by root", at(name));
      const before = kept(at(name));
      for (const content of ["new", "x".repeat(300_000), ""]) {
        expect(await write(name, content, mode)).toMatchObject({ notes: [], created: false });
        if (mode === "replace") expect(readFileSync(at(name), "utf8")).toBe(content);
        expect(kept(at(name))).toBe(before);
      }
      expect(before).toContain("user:4321:rw-");
      expect(before).toContain("user.bytes=0sAP8K");
    },
  );

  it.each(["4751", "2640", "1600", "0", "6777"])("mode %s", async (mode) => {
    writeFileSync(at("mode"), "old");
    run("chown", "1234:5678", at("mode"));
    run("chmod", mode, at("mode"));
    const before = kept(at("mode"));
    await write("mode", "new");
    expect(kept(at("mode"))).toBe(before);
    rmSync(at("mode"));
  });

  it("the mode of a file in a directory that gives new ones another access list and group", async () => {
    mkdirSync(at("giving"));
    writeFileSync(at("giving/old"), "old", { mode: 0o640 });
    run("chown", ":5678", at("giving"));
    run("chmod", "2755", at("giving"));
    run("setfacl", "-d", "-m", "u:daemon:rwx,g::rwx,o::rwx", at("giving"));
    const before = kept(at("giving/old"));
    expect(await write("giving/old", "new")).toMatchObject({ notes: [] });
    expect(kept(at("giving/old"))).toBe(before);
    // A new one has what the directory gives, as with any program.
    await write("giving/new", "new");
    writeFileSync(at("giving/other"), "other");
    const [mine, other] = ["new", "other"].map((name) => run("getfacl", "-cpn", at(`giving/${name}`)));
    expect(mine).toBe(other);
    expect(run("stat", "-c", "%g", at("giving/new"))).toBe("5678\n");
  });

  it("links on the way to a file, and says where it lies", async () => {
    mkdirSync(at("real dir"));
    writeFileSync(at("real dir/file"), "old");
    symlinkSync("real dir", at("dir-link"));
    symlinkSync("dir-link/file", at("link"));
    symlinkSync(at("link"), at("absolute"));
    symlinkSync("real dir/not yet", at("to-new"));
    expect((await write("absolute", "new")).path).toMatch(/\/file$/);
    expect((await write("to-new", "made")).created).toBe(true);
    expect(readFileSync(at("real dir/file"), "utf8")).toBe("new");
    expect(readFileSync(at("real dir/not yet"), "utf8")).toBe("made");
    expect(["dir-link", "link", "absolute", "to-new"].map((name) => readlinkSync(at(name)))).toEqual([
      "real dir",
      "dir-link/file",
      at("link"),
      "real dir/not yet",
    ]);
    expect(readdirSync(at("real dir")).toSorted()).toEqual(["file", "not yet"]);
    symlinkSync("circle", at("circle"));
    await expect(write("circle", "x")).rejects.toMatchObject({ message: expect.stringMatching(/circle/) });
  });

  it("tells of other names that keep the old content", async () => {
    writeFileSync(at("one"), "old");
    run("ln", at("one"), at("other"));
    const { notes } = await write("one", "new");
    expect(notes).toEqual([expect.stringMatching(/hard links/)]);
    expect(readFileSync(at("other"), "utf8")).toBe("old");
  });
});

describe.runIf(canMakeUsers)("what a host with little but busybox cannot keep", () => {
  it("is told", async () => {
    const place = await openBusybox();
    try {
      const path = join(place.local, "listed");
      writeFileSync(path, "old", { mode: 0o640 });
      run("setfacl", "-m", "u:daemon:r", path);
      const request = { path: `${place.directory}/listed`, content: Buffer.from("new"), mode: "replace" } as const;
      const { notes } = await place.session.files.write(request);
      expect(notes).toEqual([
        expect.stringMatching(/access list or extended attributes, if it had any, were not kept/),
        "its mode could not be kept: the host has no chmod",
      ]);
      expect(readFileSync(path, "utf8")).toBe("new");
    } finally {
      await place.remove();
    }
  });
});

function openBusybox(): Promise<FilePlace> {
  const open = new Map(Object.entries(fileHosts)).get("a host with little but busybox");
  if (open === undefined) throw new Error("no such host here");
  return open();
}
