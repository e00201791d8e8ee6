import { randomBytes } from "node:crypto";
import {
  mkdirSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
  writeSync,
  openSync,
  closeSync,
} from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createToolHost } from "../../src/tools/index.ts";
import { Cleanup } from "../helpers/cleanup.ts";
import { openBook } from "../helpers/open-book.ts";
import { parseReply, type Reply } from "../helpers/reply.ts";
import { makeTempDir, startOpenSsh } from "../helpers/servers/index.ts";
import { playsInFull } from "./plays-in-full.ts";

/** Of a file that is mostly a hole. */
const sparseBytes = 40_000_000;

const moreNames = [" ", "*", "[a-z]?", "~", "\u0001\u001b[31m", "utf8-\u00c3\u00a9", "half \u00c3", "x".repeat(255)];

/** Bytes of names, each written as a character. */
const oddNames = [
  "new\nline\n",
  'it\'s "quoted" `id` $(id) $HOME \\n',
  "-rf",
  "latin-\u00e9\u00ff",
  ...(playsInFull ? moreNames : []),
];

const bytes = (text: string): Buffer => Buffer.from(text, "latin1");
const at = (directory: string, name: string): Buffer => bytes(`${directory}/${name}`);
const namesIn = (directory: string): readonly string[] =>
  readdirSync(directory, { encoding: "buffer" })
    .map((name) => name.toString("latin1"))
    .toSorted();

const pairs = [
  { from: true, to: true },
  ...(playsInFull
    ? [
        { from: true, to: false },
        { from: false, to: true },
        { from: false, to: false },
      ]
    : []),
].map((pair) => [`${pair.from ? "SFTP" : "a shell"} to ${pair.to ? "SFTP" : "a shell"}`, pair] as const);

describe.each(pairs)("from host to host, %s", (_, pair) => {
  const cleanup = new Cleanup();
  const one = makeTempDir();
  const two = makeTempDir();
  let copy: (args: Record<string, unknown>) => Promise<Reply>;
  beforeAll(async () => {
    const source = await startOpenSsh({ alias: "one", sftp: pair.from });
    cleanup.add(() => source.stop());
    const target = await startOpenSsh({ alias: "two", sftp: pair.to });
    cleanup.add(() => target.stop());
    const both = join(source.directory, "both");
    writeFileSync(both, [source, target].map(({ sshConfigFile }) => readFileSync(sshConfigFile, "utf8")).join("\n"));
    const place = await openBook(both);
    cleanup.add(() => place.remove());
    const host = createToolHost({ sessions: place.book });
    for (const name of ["one", "two"]) {
      await place.book.open({ target: name, name });
      cleanup.add(() => place.book.close(name));
    }
    copy = async (args) => {
      const { signal } = new AbortController();
      const reply = await host.call({ name: "ssh_copy", args: { wait_s: 100, ...args }, client: "test 1", signal });
      return parseReply(reply.text, reply.isError);
    };
  });
  afterAll(async () => {
    await cleanup.run();
    one.remove();
    two.remove();
  });
  const from = (name: string): string => join(one.path, name);
  const to = (name: string): string => join(two.path, name);

  it("a file, with mode and time, verified", async () => {
    const content = randomBytes(3_000_001);
    writeFileSync(from("f"), content, { mode: 0o751 });
    utimesSync(from("f"), 1_600_000_000, 1_600_000_000);
    const copied = await copy({ from: `one:${from("f")}`, to: `two:${to("f")}`, verify: true });
    expect(copied.text).toMatch(/^copied · 1 file · 3,000,001 bytes · .* · sha256 [0-9a-f]{64}/);
    expect(readFileSync(to("f")).equals(content)).toBe(true);
    expect([statSync(to("f")).mode & 0o777, statSync(to("f")).mtimeMs]).toEqual([0o751, 1_600_000_000_000]);
    // Nothing of it is left here: it went through, it was not stored.
    expect(readdirSync(process.cwd()).filter((name) => name.startsWith(".holdfast"))).toEqual([]);
  });

  it("a tree with links, holes and empty files; then only what has changed; then what is gone", async () => {
    mkdirSync(from("t/empty"), { recursive: true });
    mkdirSync(from("t/sub"));
    writeFileSync(from("t/nothing"), "");
    writeFileSync(from("t/sub/b"), "b");
    writeFileSync(from("t/sub/no.tmp"), "no");
    symlinkSync("sub/b", from("t/link"));
    symlinkSync("nowhere at all", from("t/dangling"));
    symlinkSync("sub", from("t/to-directory"));
    const file = openSync(from("t/sparse"), "w");
    truncateSync(from("t/sparse"), sparseBytes);
    writeSync(file, "in the middle", sparseBytes / 2);
    closeSync(file);
    utimesSync(from("t/sub"), 1_500_000_000, 1_500_000_000);
    const args = { from: `one:${from("t")}`, to: `two:${to("t")}`, recursive: true, exclude: ["*.tmp"] };
    expect((await copy(args)).text).toMatch(/^copied · 3 files · 40,000,001 bytes · /);
    expect(readdirSync(to("t")).toSorted()).toEqual(
      ["dangling", "empty", "link", "nothing", "sparse", "sub", "to-directory"].toSorted(),
    );
    expect(readdirSync(to("t/sub"))).toEqual(["b"]);
    for (const name of ["link", "dangling", "to-directory"]) {
      expect(readlinkSync(to(`t/${name}`))).toBe(readlinkSync(from(`t/${name}`)));
    }
    expect(readFileSync(to("t/sparse")).equals(readFileSync(from("t/sparse")))).toBe(true);
    expect(statSync(to("t/sparse")).blocks * 512).toBeLessThan(sparseBytes / 4);
    expect(statSync(to("t/sub")).mtimeMs).toBe(1_500_000_000_000);

    writeFileSync(from("t/sub/b"), "changed");
    expect((await copy(args)).text).toContain(" · 1 the same already");
    expect(readFileSync(to("t/sub/b"), "utf8")).toBe("changed");

    mkdirSync(to("t/extra/deep"), { recursive: true });
    writeFileSync(to("t/extra/deep/x"), "x");
    writeFileSync(to("t/sub/kept.tmp"), "kept");
    symlinkSync(one.path, to("t/extra/out"));
    expect((await copy({ ...args, delete: true })).text).toContain(" · 4 removed");
    expect(readdirSync(to("t")).toSorted()).toEqual(readdirSync(from("t")).toSorted());
    expect(readdirSync(to("t/sub")).toSorted()).toEqual(["b", "kept.tmp"]);
    expect(readdirSync(one.path)).toContain("t");
  });

  it("names of any bytes, there, there again and away", async () => {
    mkdirSync(from("n"));
    for (const name of oddNames) writeFileSync(at(from("n"), name), bytes(name));
    symlinkSync(bytes("to \u00fe\n"), at(from("n"), "link \u00fd"));
    const args = { from: `one:${from("n")}`, to: `two:${to("n")}`, recursive: true };
    expect((await copy(args)).text).toMatch(new RegExp(`^copied · ${oddNames.length} files · `));
    expect(namesIn(to("n"))).toEqual(namesIn(from("n")));
    for (const name of oddNames) expect(readFileSync(at(to("n"), name)).equals(bytes(name))).toBe(true);
    expect(readlinkSync(at(to("n"), "link \u00fd"), { encoding: "buffer" })).toEqual(bytes("to \u00fe\n"));
    for (const name of oddNames.slice(1)) rmSync(at(from("n"), name));
    const again = await copy({ ...args, delete: true });
    expect(again.text).toContain(` · 1 the same already · ${oddNames.length - 1} removed`);
    expect(namesIn(to("n"))).toEqual(namesIn(from("n")));
  });

  it("files that have no size until they are read", async () => {
    const copied = await copy({ from: "one:/proc/version", to: `two:${to("version")}`, verify: true });
    expect(copied.text).toMatch(/^copied · 1 file · /);
    expect(readFileSync(to("version"), "utf8")).toBe(readFileSync("/proc/version", "utf8"));
    if (!playsInFull) return;
    const large = await copy({ from: "one:/proc/kallsyms", to: `two:${to("symbols")}` });
    expect(large.text).toMatch(/^copied · 1 file · /);
    expect(statSync(to("symbols")).size).toBe(readFileSync("/proc/kallsyms").length);
  });
});
