import { randomBytes } from "node:crypto";
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createToolHost } from "../../src/tools/index.ts";
import { Cleanup } from "../helpers/cleanup.ts";
import { eventually } from "../helpers/eventually.ts";
import { openBook } from "../helpers/open-book.ts";
import { parseReply, type Reply } from "../helpers/reply.ts";
import { makeTempDir, startOpenSsh, startTcpProxy } from "../helpers/servers/index.ts";
import { playsInFull } from "./plays-in-full.ts";

/** More than what is read ahead of what has arrived, over a link on which it takes half a second. */
const fileBytes = 10_000_000;
const bytesPerSecond = 16_000_000;

/** It is in the middle when so much of it has arrived. */
const middleBytes = 500_000;

interface Change {
  readonly name: string;
  make(source: string): void;
}

const changes: readonly Change[] = [
  { name: "is cut", make: (source) => truncateSync(source, 1_000) },
  { name: "grows", make: (source) => appendFileSync(source, "more") },
  { name: "vanishes", make: (source) => rmSync(source) },
  {
    name: "is replaced by another file",
    make: (source) => {
      writeFileSync(`${source}.new`, "another");
      renameSync(`${source}.new`, source);
    },
  },
  {
    name: "is replaced by a directory",
    make: (source) => {
      rmSync(source);
      mkdirSync(source);
    },
  },
];

const played = changes.filter(({ name }) => playsInFull || /cut|vanishes/.test(name));

const ways = [["with SFTP", true] as const, ...(playsInFull ? [["without SFTP", false] as const] : [])];

describe.each(ways)("a source that changes in the middle, %s", (_, sftp) => {
  const cleanup = new Cleanup();
  const here = makeTempDir();
  const there = makeTempDir();
  let copy: (args: Record<string, unknown>) => Promise<Reply>;
  beforeAll(async () => {
    const server = await startOpenSsh({ sftp });
    cleanup.add(() => server.stop());
    const proxy = await startTcpProxy(server.port);
    cleanup.add(() => proxy.stop());
    proxy.delay(0, { bytesPerSecond });
    const config = join(server.directory, "slow_config");
    const text = readFileSync(server.sshConfigFile, "utf8").replace(/Port \d+/, `Port ${proxy.port}`);
    writeFileSync(config, `${text}  HostKeyAlias [127.0.0.1]:${server.port}\n`, { mode: 0o600 });
    const place = await openBook(config);
    cleanup.add(() => place.remove());
    await place.book.open({ target: server.alias, name: "box" });
    cleanup.add(() => place.book.close("box"));
    const host = createToolHost({ sessions: place.book });
    copy = async (args) => {
      const { signal } = new AbortController();
      const reply = await host.call({ name: "ssh_copy", args: { wait_s: 100, ...args }, client: "test 1", signal });
      return parseReply(reply.text, reply.isError);
    };
  });
  afterAll(async () => {
    await cleanup.run();
    here.remove();
    there.remove();
  });

  /** Waits until the middle of what arrives in `directory`. */
  const middle = (directory: string) =>
    eventually("the middle", 60_000, () => {
      const parts = readdirSync(directory).filter((name) => name.startsWith(".holdfast-part"));
      const sizes = parts.map((name) => statSync(join(directory, name), { throwIfNoEntry: false })?.size ?? 0);
      return sizes.some((size) => size > middleBytes) || undefined;
    });

  it.each(played)("$name: what is copied is one of both, or the old file is left, and nothing else", async (change) => {
    for (const [up, one, other] of [
      [false, there.path, here.path],
      [true, here.path, there.path],
    ] as const) {
      const [source, target] = [join(one, "source"), join(other, "target")];
      const first = randomBytes(fileBytes);
      writeFileSync(source, first);
      writeFileSync(target, "old");
      const ends = up ? { from: source, to: `box:${target}` } : { from: `box:${source}`, to: target };
      const copying = copy(ends);
      await middle(other);
      change.make(source);
      const said = await copying;
      const second = existsSync(source) && statSync(source).isFile() ? readFileSync(source) : undefined;
      const now = readFileSync(target);
      if (said.text.startsWith("copied · ")) {
        expect([said.text, now.equals(first) || second?.equals(now) === true]).toEqual([said.text, true]);
      } else {
        expect(said.isError).toBe(true);
        expect(said.text).toMatch(/(file_missing|file_changed|file_failed): .*source/);
        expect(now.toString()).toBe("old");
      }
      expect(readdirSync(other)).toEqual(["target"]);
      for (const path of [source, target]) rmSync(path, { recursive: true, force: true });
    }
  });

  it("a directory that vanishes: what was in it is told, the rest is there", async () => {
    mkdirSync(join(there.path, "tree/goes"), { recursive: true });
    writeFileSync(join(there.path, "tree/first"), randomBytes(fileBytes));
    for (let file = 0; file < 40; file += 1) {
      writeFileSync(join(there.path, `tree/goes/${file}`), randomBytes(100_000 + file));
      writeFileSync(join(there.path, `tree/stays${file}`), `${file}`);
    }
    const copying = copy({ from: `box:${there.path}/tree`, to: join(here.path, "tree"), recursive: true });
    await eventually("the middle", 60_000, () => existsSync(join(here.path, "tree/stays0")) || undefined);
    rmSync(join(there.path, "tree/goes"), { recursive: true });
    const said = await copying;
    expect(said.text).toMatch(/^copied( in part)? · \d+ files? · /);
    if (said.isError) expect(said.text).toMatch(/tree\/goes.*(file_missing|file_failed)/);
    for (let file = 0; file < 40; file += 1) {
      expect(readFileSync(join(here.path, `tree/stays${file}`), "utf8")).toBe(`${file}`);
    }
    const names = readdirSync(here.path, { recursive: true, encoding: "utf8" });
    expect(names.filter((name) => name.includes(".holdfast"))).toEqual([]);
  });
});
