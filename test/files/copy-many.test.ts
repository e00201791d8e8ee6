import { randomBytes } from "node:crypto";
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeTempDir } from "../helpers/servers/index.ts";
import { fileHosts, type FilePlace } from "./file-places.ts";
import { playsInFull } from "./plays-in-full.ts";

/** More than one bundle holds. */
const files = playsInFull ? 3_000 : 600;

const hosts = Object.entries(fileHosts).filter(([kind]) =>
  (playsInFull ? /^OpenSSH with(out)? SFTP/ : /^OpenSSH without SFTP/).test(kind),
);

const bytes = (text: string): Buffer => Buffer.from(text, "latin1");

/** All there is below a directory: names, modes, times and contents. */
function seen(root: Buffer): readonly string[] {
  return readdirSync(root, { encoding: "buffer" })
    .flatMap((name) => {
      const path = Buffer.concat([root, bytes("/"), name]);
      const facts = lstatSync(path);
      const shown = name.toString("latin1");
      if (facts.isDirectory()) return [shown, ...seen(path).map((below) => `${shown}/${below}`)];
      const content = facts.isFile() ? readFileSync(path).toString("latin1") : "link";
      const time = facts.isFile() ? Math.floor(facts.mtimeMs / 1000) : 0;
      return [`${shown} ${(facts.mode & 0o7777).toString(8)} ${time} ${content}`];
    })
    .toSorted();
}

describe.each(hosts)("many small files to and from %s", (_, open) => {
  let place: FilePlace;
  const here = makeTempDir();
  beforeAll(async () => {
    place = await open();
  });
  afterAll(async () => {
    await place.remove();
    here.remove();
  });

  it("are what they were, each in its place, and nothing else is left", async () => {
    const source = join(here.path, "t");
    const deep = `${"d".repeat(120)}/${"e".repeat(120)}`;
    mkdirSync(join(source, deep), { recursive: true });
    mkdirSync(join(source, "-sub 'dir'\n"));
    for (let file = 0; file < files; file += 1) writeFileSync(join(source, `f${file}`), randomBytes(1 + (file % 90)));
    const odd = [
      "new\nline\n",
      "-rf",
      ".hidden",
      "..odd",
      'it\'s \\ "odd" $(id) *',
      "latin-\u00e9\u00ff",
      "x".repeat(200),
      "zero",
    ];
    for (const name of odd) {
      for (const directory of ["", `/${deep}`, "/-sub 'dir'\n"]) {
        writeFileSync(bytes(`${source}${directory}/${name}`), name === "zero" ? "" : bytes(`${directory}${name}`));
      }
    }
    writeFileSync(join(source, "large"), randomBytes(40_000));
    chmodSync(join(source, "f1"), 0o751);
    chmodSync(join(source, "f2"), 0o400);
    utimesSync(join(source, "f3"), 1_500_000_000, 1_500_000_000);
    symlinkSync("f1", join(source, "link"));
    const there = `${place.session.name}:${place.local}/t`;
    const count = (files + 3 * odd.length + 1).toLocaleString("en");
    const up = await place.call("ssh_copy", { from: source, to: there, recursive: true, wait_s: 100 });
    expect(up.text).toMatch(new RegExp(`^copied · ${count} files · `));
    expect(seen(bytes(join(place.local, "t")))).toEqual(seen(bytes(source)));
    const down = await place.call("ssh_copy", {
      from: there,
      to: join(here.path, "back"),
      recursive: true,
      wait_s: 100,
    });
    expect(down.text).toMatch(new RegExp(`^copied · ${count} files · `));
    expect(seen(bytes(join(here.path, "back")))).toEqual(seen(bytes(source)));

    // Some are others now, one cannot be put in its place: the rest is, and it is told.
    for (let file = 0; file < 20; file += 1) writeFileSync(join(source, `f${file}`), `changed ${file}`);
    mkdirSync(join(place.local, "t/g0"));
    for (let file = 0; file < 10; file += 1) writeFileSync(join(source, `g${file}`), "new");
    const again = await place.call("ssh_copy", { from: source, to: there, recursive: true, wait_s: 100 });
    expect(again.text).toMatch(/^copied in part · .* · 1 failed/);
    expect(again.text).toContain("t/g0 is a directory");
    expect(readFileSync(join(place.local, "t/f19"), "utf8")).toBe("changed 19");
    expect(readFileSync(join(place.local, "t/g9"), "utf8")).toBe("new");
    expect(statSync(join(place.local, "t/g0")).isDirectory()).toBe(true);
    expect(readdirSync(join(place.local, "t")).filter((name) => name.startsWith(".holdfast"))).toEqual([]);
  });
});
