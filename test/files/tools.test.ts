import { createHash, randomBytes } from "node:crypto";
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fileHosts, type FilePlace } from "./file-places.ts";
import { playsInFull } from "./plays-in-full.ts";

/** Of two writers each; that there is a lock is proved elsewhere. */
const rounds = playsInFull ? 20 : 2;

/** Larger than what fits into a pipe. */
const comparedHere = 300_000;

const sha256 = (text: string | Uint8Array): string => createHash("sha256").update(text).digest("hex");

describe.each(Object.entries(fileHosts))("the file tools on %s", (kind, open) => {
  let place: FilePlace;
  beforeAll(async () => {
    place = await open();
  });
  afterAll(() => place.remove());

  const here = (name: string): string => join(place.local, name);
  const there = (name: string): string => `${place.directory}/${name}`;
  const little = kind.includes("busybox");

  it("writes, reads, edits, appends; keeps the mode; follows links", async () => {
    const made = await place.call("ssh_file_write", {
      path: there("d/e/conf"),
      content: "a = 1\r\nb = 2\r\n",
      make_dirs: true,
    });
    expect(made.firstLine).toMatch(
      /^written · 14 bytes · sha256 [0-9a-f]{64} · -rw-r--r-- \S+ \S+ · box:\S+\/d\/e\/conf · new$/,
    );
    chmodSync(here("d/e/conf"), 0o750);
    symlinkSync("d/e/conf", here("link"));
    const edited = await place.call("ssh_file_edit", {
      path: there("link"),
      edits: [
        { old: "a = 1\nb", new: "a = 3\nc = 4\nb" },
        { old: "2", new: "5" },
      ],
    });
    expect(edited.text).toContain("edited · 2 places · ");
    expect(edited.text).toContain("\n-a = 1\r\n");
    expect(edited.text).toContain("\n+c = 4\r\n");
    expect(readFileSync(here("d/e/conf"), "utf8")).toBe("a = 3\r\nc = 4\r\nb = 5\r\n");
    // That host has no program that could set it.
    if (little) expect(edited.firstLine).toContain("its mode could not be kept");
    else expect(statSync(here("d/e/conf")).mode & 0o7777).toBe(0o750);
    chmodSync(here("d/e/conf"), 0o750);
    expect(lstatSync(here("link")).isSymbolicLink()).toBe(true);
    const before = readFileSync(here("d/e/conf"), "utf8");
    const appended = await place.call("ssh_file_write", { path: there("link"), content: "end\n", mode: "append" });
    expect(appended.firstLine).toMatch(/^appended · /);
    expect(readFileSync(here("d/e/conf"), "utf8")).toBe(`${before}end\n`);
    const read = await place.call("ssh_file_read", { path: there("link") });
    expect(read.text).toMatch(/^file · \d+ bytes · sha256 [0-9a-f]{64} · -rwxr-x--- \S+ \S+ · box:\S+\/d\/e\/conf\n/);
    expect(read.text.endsWith(`${before}end\n`)).toBe(true);
    const tail = await place.call("ssh_file_read", { path: there("link"), tail: 1 });
    expect(tail.text.endsWith("\nend\n")).toBe(true);
    const part = await place.call("ssh_file_read", { path: there("link"), max_bytes: 5 });
    expect(part.next).toMatchObject({ tool: "ssh_file_read", args: { from: 5 } });
    const list = await place.call("ssh_file_read", { path: place.directory });
    expect(list.text).toMatch(/^directory · \d+ entr/);
    expect(list.text).toContain("link -> d/e/conf");
  });

  it("shows what is no text as base64, and takes it so", async () => {
    await place.call("ssh_file_write", { path: there("bin"), content: "AP8B", encoding: "base64" });
    expect([...readFileSync(here("bin"))]).toEqual([0, 255, 1]);
    const read = await place.call("ssh_file_read", { path: there("bin") });
    expect(read.notes).toContain("base64");
    expect(read.text.endsWith("\nAP8B")).toBe(true);
    expect((await place.call("ssh_file_edit", { path: there("bin"), edits: [{ old: "a", new: "b" }] })).state).toBe(
      "edit_failed",
    );
  });

  it("refuses clearly and leaves the old file", async () => {
    writeFileSync(here("old"), "x x\n");
    mkdirSync(here("dir"), { recursive: true });
    const write = async (path: string, more: Record<string, unknown> = {}): Promise<string> =>
      (await place.call("ssh_file_write", { path: path.startsWith("/") ? path : there(path), content: "new", ...more }))
        .text;
    expect(await write("old", { mode: "create" })).toMatch(/^file_exists: .*exists already/);
    expect(await write("dir")).toMatch(/^file_failed: .*is a directory/);
    expect(await write("none/x")).toMatch(/^file_missing: /);
    expect(await write("old/x")).toMatch(/^file_failed: .*no directory/);
    expect(await write("n".repeat(300))).toMatch(/^file_failed: .*name is too long/);
    expect(await write("/dev/null")).toMatch(/^file_failed: .*no regular file/);
    expect(await write("old", { permissions: "9999" })).toMatch(/^bad_input: permissions "9999"/);
    expect(await write("old", { encoding: "base64", content: "a$" })).toMatch(/^bad_input: the content is no base64/);
    expect(await write("old", { content: "x".repeat(2_097_153) })).toMatch(/^too_large: /);
    expect(await write("old", { expect_sha256: sha256("other") })).toMatch(/^file_changed: .*its sha256 is/);
    expect(await write("not there", { expect_sha256: sha256("other") })).toMatch(/^file_changed: .*not there/);
    const edit = async (old: string): Promise<string> =>
      (
        await place.call("ssh_file_edit", {
          path: there("old"),
          edits: [
            { old: "\n", new: "y" },
            { old, new: "z" },
          ],
        })
      ).text;
    expect(await edit("x")).toMatch(/^edit_failed: .*occurs 2 times/);
    expect(await edit("q")).toMatch(/^edit_failed: .*does not occur/);
    expect((await place.call("ssh_file_read", { path: there("nothing") })).state).toBe("file_missing");
    expect(readFileSync(here("old"), "utf8")).toBe("x x\n");
    expect(readdirSync(place.local).filter((name) => name.startsWith(".holdfast"))).toEqual([]);
  });

  // Where the host can hash it, that is one line.
  it.runIf(little || playsInFull)("compares old files of any bytes, empty ones too", async () => {
    const large = randomBytes(comparedHere);
    await place.call("ssh_file_write", { path: there("compared"), content: "" });
    for (const old of [Buffer.alloc(0), Buffer.from([0, 1, 2, 0, 255, 10, 10]), large]) {
      const args = { path: there("compared"), content: "new", expect_sha256: sha256(old) };
      writeFileSync(here("compared"), Buffer.concat([old, Buffer.of(0)]));
      expect((await place.call("ssh_file_write", args)).state).toBe("file_changed");
      writeFileSync(here("compared"), old);
      expect((await place.call("ssh_file_write", args)).firstLine).toMatch(/^written · 3 bytes · sha256 /);
      expect(readFileSync(here("compared"), "utf8")).toBe("new");
    }
    expect(readdirSync(place.local).filter((name) => name.startsWith(".holdfast"))).toEqual([]);
  });

  it("lets exactly one of two writers win", async () => {
    let content = "0";
    await place.call("ssh_file_write", { path: there("race"), content });
    for (let round = 1; round <= rounds; round += 1) {
      const writers = await Promise.all(
        ["a", "b"].map((name) =>
          place.call("ssh_file_write", {
            path: there("race"),
            content: `${name}${round}`,
            expect_sha256: sha256(content),
          }),
        ),
      );
      expect(writers.map(({ state }) => state).toSorted()).toEqual(["file_changed", "written"]);
      content = readFileSync(here("race"), "utf8");
      expect(content).toBe(writers[0]?.isError === true ? `b${round}` : `a${round}`);
    }
  });
});
