import { mkdirSync, readFileSync, readdirSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { isUtf8 } from "../../src/sessions/copy/copy-side.ts";
import { makeTempDir } from "../helpers/servers/index.ts";
import { playsInFull } from "./plays-in-full.ts";
import { fileHosts, type FilePlace } from "./file-places.ts";

/** Bytes of names, each written as a character: what file systems allow and programs forget. */
const oddNames = [
  "new\nline",
  "line feed at the end\n",
  "\n",
  'it\'s "quoted" `id` $(id) $HOME',
  "-rf",
  "-",
  " ",
  " around ",
  "back\\slash \\n \\0101 %s %b",
  "*",
  "[a-z]?",
  "~",
  "#",
  "!;&|<>(){}",
  "\u0001\u001b[31m\u0007\u007f",
  "..dots..",
  ".hidden",
  "...",
  "latin-\u00e9\u00ff",
  "\u00ff",
  "\u00c3(",
  "half of two \u00c3",
  "utf8-\u00c3\u00a9",
  "replacement \u00ef\u00bf\u00bd",
  "over\u00c0\u00aflong",
  "surrogate \u00ed\u00a0\u0080",
  "x".repeat(255),
].filter((name, number) => playsInFull || isUtf8(name) || number % 2 === 0);

/** More than there are channels, so that waiting for each other would show. */
const manyFiles = playsInFull ? 24 : 9;

const bytes = (text: string): Buffer => Buffer.from(text, "latin1");
const at = (directory: string, name: string): Buffer => bytes(`${directory}/${name}`);
const namesIn = (directory: string | Buffer): readonly string[] =>
  readdirSync(directory, { encoding: "buffer" })
    .map((name) => name.toString("latin1"))
    .toSorted();

/** Without SFTP each step is a process on the host: by default that is played where it is otherwise, too. */
const hosts = Object.entries(fileHosts).filter(([kind]) => playsInFull || kind.includes("with SFTP"));

describe.each(hosts)("names of any bytes, %s", (kind, open) => {
  let place: FilePlace;
  let round = 0;
  let local = "";
  const here = makeTempDir();
  /** That host has no `ln`. */
  const links = !kind.includes("busybox");
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
  });
  const on = (name: string): string => `${place.session.name}:${place.directory}/${name}`;
  const copy = (args: Record<string, unknown>) => place.call("ssh_copy", { recursive: true, wait_s: 100, ...args });

  it("go to the host, stay the same there, and come back", async () => {
    mkdirSync(join(local, "t"));
    for (const name of oddNames) writeFileSync(at(join(local, "t"), name), bytes(name));
    mkdirSync(at(join(local, "t"), "dir \u00fe\n"));
    writeFileSync(at(join(local, "t"), "dir \u00fe\n/in it"), "in it");
    if (links) symlinkSync(bytes("to \u00fe\n"), at(join(local, "t"), "link \u00fe"));
    if (links) symlinkSync(bytes("to \u00fd"), join(local, "t/plain link"));
    const names = namesIn(join(local, "t"));
    const up = await copy({ from: join(local, "t"), to: on(`n${round}`) });
    expect(up.text).toMatch(new RegExp(`^copied · ${oddNames.length + 1} files · `));
    const held = join(place.local, `n${round}`);
    expect(namesIn(held)).toEqual(names);
    for (const name of oddNames) expect(readFileSync(at(held, name)).equals(bytes(name))).toBe(true);
    expect(readFileSync(at(held, "dir \u00fe\n/in it"), "utf8")).toBe("in it");
    if (!kind.includes("busybox")) {
      expect((await copy({ from: join(local, "t"), to: on(`n${round}`) })).text).toContain(
        ` · ${oddNames.length + 1} the same already`,
      );
    }
    expect((await copy({ from: on(`n${round}`), to: join(local, "back") })).text).toMatch(/^copied · /);
    expect(namesIn(join(local, "back"))).toEqual(names);
    for (const name of oddNames) expect(readFileSync(at(join(local, "back"), name)).equals(bytes(name))).toBe(true);
    if (!links) return;
    expect(readlinkSync(at(join(local, "back"), "link \u00fe"), { encoding: "buffer" })).toEqual(bytes("to \u00fe\n"));
    expect(readlinkSync(join(local, "back/plain link"), { encoding: "buffer" })).toEqual(bytes("to \u00fd"));
  });

  it("are removed where the source has them no more, and left out by their patterns", async () => {
    mkdirSync(join(local, "t"));
    for (const name of ["keep \u00ff", "drop \u00fe", "drop plain"]) writeFileSync(at(join(local, "t"), name), "x");
    await copy({ from: join(local, "t"), to: on(`n${round}`) });
    const held = join(place.local, `n${round}`);
    expect(namesIn(held)).toHaveLength(3);
    for (const name of ["drop \u00fe", "drop plain"]) rmSync(at(join(local, "t"), name));
    writeFileSync(at(join(local, "t"), "new.log \u00fc"), "x");
    const again = await copy({
      from: join(local, "t"),
      to: on(`n${round}`),
      delete: true,
      exclude: ["*.log ?"],
    });
    expect(again.text).toContain(" · 2 removed");
    expect(namesIn(held)).toEqual(["keep \u00ff"]);
  });

  it("go from a directory of the host to another, many at once", async () => {
    const held = join(place.local, `m${round}`);
    mkdirSync(held);
    for (let number = 0; number < manyFiles; number += 1) {
      writeFileSync(at(held, `${number} \u00ff`), `content ${number}`);
    }
    const copied = await copy({ from: on(`m${round}`), to: on(`to${round}`) });
    expect(copied.text).toMatch(new RegExp(`^copied · ${manyFiles} files · `));
    expect(namesIn(join(place.local, `to${round}`))).toEqual(namesIn(held));
  });
});
