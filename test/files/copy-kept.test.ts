import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { canMakeUsers, makeTempDir } from "../helpers/servers/index.ts";
import { fileHosts, type FilePlace } from "./file-places.ts";
import { playsInFull } from "./plays-in-full.ts";

const run = (program: string, ...args: readonly string[]): string => execFileSync(program, args, { encoding: "utf8" });

/** The access list and the attributes of a file. */
function extras(path: string): string {
  return `${run("getfacl", "-cpn", path)}${run("getfattr", "-d", "-m", "user|trusted", "--absolute-names", path).replaceAll(/^# file.*\n/gm, "")}`;
}

function dress(path: string): void {
  run("setfacl", "-m", "u:daemon:r,u:4321:rw,g:adm:---,m:rw", path);
  run("setfattr", "-n", "user.note", "-v", "kept; with 'quotes'", path);
  run("setfattr", "-n", "user.bytes", "-v", "0x00ff0a", path);
}

const hosts = Object.entries(fileHosts).filter(([kind]) =>
  (playsInFull ? /^OpenSSH with(out)? SFTP/ : /^OpenSSH with SFTP/).test(kind),
);

describe.runIf(canMakeUsers).each(hosts)("what a copy to and from %s keeps", (_, open) => {
  let place: FilePlace;
  const here = makeTempDir();
  let round = 0;
  beforeAll(async () => {
    place = await open();
  });
  afterAll(async () => {
    await place.remove();
    here.remove();
  });
  beforeEach(() => {
    round += 1;
    mkdirSync(join(here.path, `${round}`));
    mkdirSync(join(place.local, `${round}`));
  });
  /** A place on one side, and how a copy names it. */
  const at = (side: "here" | "there", name: string) => {
    const path = join(side === "here" ? here.path : place.local, `${round}`, name);
    return { path, end: side === "here" ? path : `${place.session.name}:${path}` };
  };
  const ways = [
    ["up", "here", "there"],
    ["down", "there", "here"],
  ] as const;

  it.each(ways)("of the files that it replaces, %s", async (_way, one, other) => {
    const names = ["plain", "dressed", "odd \n \\ 'name' \u00e9"];
    const [from, to] = [at(one, "t"), at(other, "t")];
    mkdirSync(from.path);
    mkdirSync(to.path);
    for (const name of names) {
      writeFileSync(join(from.path, name), `new ${name}`);
      chmodSync(join(from.path, name), 0o664);
      writeFileSync(join(to.path, name), "old");
    }
    for (const name of names.slice(1)) dress(join(to.path, name));
    const before = names.map((name) => extras(join(to.path, name)).replaceAll(/^other.*\n|^(user|group)::.*\n/gm, ""));
    const copied = await place.call("ssh_copy", { from: from.end, to: to.end, recursive: true, wait_s: 100 });
    expect(copied.text).toMatch(/^copied · 3 files · /);
    expect(copied.text).not.toContain("note");
    const after = names.map((name) => extras(join(to.path, name)).replaceAll(/^other.*\n|^(user|group)::.*\n/gm, ""));
    expect(after).toEqual(before);
    expect(before[2]).toContain("user:4321:rw-");
    expect(before[2]).toContain("user.bytes=0sAP8K");
    for (const name of names) expect(readFileSync(join(to.path, name), "utf8")).toBe(`new ${name}`);

    // One file alone, whose mode lets less through.
    writeFileSync(join(from.path, "dressed"), "newer");
    chmodSync(join(from.path, "dressed"), 0o600);
    const single = await place.call("ssh_copy", { from: `${from.end}/dressed`, to: `${to.end}/dressed`, verify: true });
    expect(single.text).toContain("note: the mode of its source leaves less of its access list in effect");
    expect(extras(join(to.path, "dressed"))).toMatch(/user:4321:rw-\s+#effective:---/);
    expect(readFileSync(join(to.path, "dressed"), "utf8")).toBe("newer");
    expect(readdirSync(to.path).toSorted()).toEqual(names.toSorted());
  });

  it.each(ways)("of its source where that is asked for, %s", async (_way, one, other) => {
    const [from, to] = [at(one, "t"), at(other, "t")];
    mkdirSync(join(from.path, "sub \n"), { recursive: true });
    mkdirSync(to.path);
    const names = ["", "a", "sub \n", "sub \n/b", "plain"];
    for (const name of ["a", "sub \n/b", "plain"]) writeFileSync(join(from.path, name), name);
    for (const name of names.slice(1, 4)) dress(join(from.path, name));
    run("setfacl", "-d", "-m", "u:daemon:rwx", from.path);
    run("setfattr", "-n", "user.long", "-v", "x".repeat(2_000), join(from.path, "a"));
    // What is replaced loses its own, also where the content is the same.
    for (const name of ["a", "plain"]) {
      writeFileSync(join(to.path, name), "former");
      run("setfacl", "-m", "u:sys:rw", join(to.path, name));
    }
    const args = { from: `${from.end}/`, to: to.end, recursive: true, xattrs: true, wait_s: 100 };
    const copied = await place.call("ssh_copy", args);
    expect(copied.text).toMatch(/^copied · 3 files · /);
    expect(copied.text).not.toContain("note");
    const seen = (side: string): readonly string[] => names.map((name) => extras(join(side, name)));
    expect(seen(to.path)).toEqual(seen(from.path));
    expect(seen(to.path)[1]).toContain("user:4321:rw-");
    // Then only the list has changed.
    run("setfacl", "-m", "u:bin:r", join(from.path, "a"));
    expect((await place.call("ssh_copy", args)).text).toContain("3 the same already");
    expect(seen(to.path)).toEqual(seen(from.path));
  });

  it.each(ways)("and gives no list of its directory's to a file that had none, %s", async (_way, one, other) => {
    const [from, to] = [at(one, "f"), at(other, "d/f")];
    mkdirSync(at(other, "d").path);
    writeFileSync(from.path, "new", { mode: 0o640 });
    writeFileSync(to.path, "former", { mode: 0o640 });
    run("setfacl", "-d", "-m", "u:daemon:rwx", at(other, "d").path);
    const before = extras(to.path);
    expect((await place.call("ssh_copy", { from: from.end, to: to.end })).text).toMatch(/^copied · 1 file · /);
    expect(readFileSync(to.path, "utf8")).toBe("new");
    expect(extras(to.path)).toBe(before);
  });
});
