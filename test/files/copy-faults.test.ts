import { spawnSync } from "node:child_process";
import { chmodSync, chownSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { canUnshare } from "../ladder/odd-hosts.ts";
import { canMakeUsers, makeTempDir } from "../helpers/servers/index.ts";
import { openUserPlace, type FilePlace } from "./file-places.ts";
import { playsInFull } from "./plays-in-full.ts";

/** A megabyte that is no zeros, which would take no room. */
const megabyte = Buffer.alloc(1_000_000, "not nothing ");

interface Fault {
  readonly name: string;
  /** What copying to and, where it differs, writing is refused with. */
  readonly copy: RegExp;
  readonly write?: RegExp;
  /** Brings it about in the directory, where `f` is an old file; the path to write to. */
  readonly cause: (directory: string) => string;
}

const mount = (...args: readonly string[]): void => {
  const { status, stderr } = spawnSync("mount", args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`no mount here: ${stderr}`);
};

/** A btrfs in a file, on which what the directory `of` holds may be 3 MB. */
function quotaOn(directory: string): void {
  const image = `${directory}.img`;
  const shell = spawnSync(
    "sh",
    [
      "-ec",
      `truncate -s 128M "$2"; mkfs.btrfs -q -m single "$2"; mount -o loop "$2" "$1"; btrfs quota enable "$1"
btrfs subvolume create "$1/of" >/dev/null; btrfs qgroup limit 3M "$1/of"; chmod 777 "$1/of"`,
      "sh",
      directory,
      image,
    ],
    { encoding: "utf8" },
  );
  if (shell.status !== 0) throw new Error(`no btrfs here: ${shell.stderr}`);
}

const faults: readonly Fault[] = [
  {
    name: "a full disk",
    copy: /the disk is full/,
    cause: (directory) => {
      mount("-t", "tmpfs", "-o", "size=64k,mode=777", "small", directory);
      return join(directory, "f");
    },
  },
  {
    name: "no room for one more file",
    copy: /the disk is full/,
    cause: (directory) => {
      mount("-t", "tmpfs", "-o", "nr_inodes=2,mode=777", "small", directory);
      return join(directory, "f");
    },
  },
  {
    name: "a read-only file system",
    copy: /the file system is read-only/,
    cause: (directory) => {
      mount("-t", "tmpfs", "-o", "size=64k,mode=777", "small", directory);
      writeFileSync(join(directory, "f"), "old");
      mount("-o", "remount,ro", directory);
      return join(directory, "f");
    },
  },
  {
    name: "a directory of others",
    copy: /^file_denied: .*permission denied/,
    cause: (directory) => {
      chmodSync(directory, 0o755);
      return join(directory, "f");
    },
  },
  {
    name: "a directory where the file should be",
    copy: /is a directory/,
    cause: (directory) => {
      mkdirSync(join(directory, "f/f"), { recursive: true, mode: 0o777 });
      // A copy into a directory is called as its source; there, too, is a directory.
      mkdirSync(join(directory, "f/source"), { mode: 0o777 });
      return join(directory, "f");
    },
  },
  {
    name: "a file where a directory should be",
    copy: /a part of the path is no directory|is there and is no directory/,
    cause: (directory) => {
      writeFileSync(join(directory, "f"), "old");
      return join(directory, "f/below");
    },
  },
  {
    name: "a name that is too long",
    copy: /the name is too long/,
    cause: (directory) => join(directory, "n".repeat(256)),
  },
  ...(playsInFull
    ? [
        {
          name: "a quota that is used up",
          copy: /the user's quota is used up/,
          cause: (directory: string) => {
            quotaOn(directory);
            return join(directory, "of/f");
          },
        },
      ]
    : []),
];

/** What is written goes through a shell on both. */
const hosts = [["with SFTP", true] as const, ...(playsInFull ? [["without SFTP", false] as const] : [])];

describe.runIf(canMakeUsers && canUnshare).each(hosts)("what cannot be written on a host %s", (_, sftp) => {
  let place: FilePlace;
  let uid = 0;
  const here = makeTempDir();
  const mounted: string[] = [];
  beforeAll(async () => {
    place = await openUserPlace({ sftp });
    uid = place.server.loginUser?.uid ?? 0;
    writeFileSync(join(here.path, "source"), Buffer.concat([megabyte, megabyte, megabyte, megabyte, megabyte]));
    mkdirSync(join(here.path, "tree/sub"), { recursive: true });
    for (const name of ["a", "sub/b"]) writeFileSync(join(here.path, "tree", name), megabyte);
  });
  afterAll(async () => {
    for (const directory of mounted) {
      spawnSync("umount", ["-l", directory]);
      rmSync(`${directory}.img`, { force: true });
    }
    await place.remove();
    here.remove();
  });
  let number = 0;
  const fresh = (): string => {
    number += 1;
    const directory = join(place.local, `d${number}`);
    mkdirSync(directory);
    chmodSync(directory, 0o777);
    mounted.push(directory);
    return directory;
  };
  const parts = (directory: string): readonly string[] =>
    readdirSync(directory, { recursive: true, encoding: "utf8" }).filter((name) => name.includes(".holdfast"));

  it.each(faults)("$name: said, the old file is left, and nothing else", async ({ copy, write, cause }) => {
    const directory = fresh();
    const path = cause(directory);
    const old = join(directory, "f");
    if (copy.source.includes("full") && readdirSync(directory).length === 0) writeFileSync(old, "old");
    if (copy.source.includes("denied")) writeFileSync(old, "old", { mode: 0o666 });
    const before = readdirSync(directory, { recursive: true, encoding: "utf8" }).toSorted();
    const copied = await place.call("ssh_copy", { from: join(here.path, "source"), to: `box:${path}`, wait_s: 60 });
    expect(copied.text).toMatch(copy);
    expect(copied.isError || copied.text.startsWith("not copied")).toBe(true);
    const written = await place.call("ssh_file_write", { path, content: "x".repeat(2_000_000) });
    if (!copy.source.includes("quota")) expect(written.text).toMatch(write ?? copy);
    expect(parts(directory)).toEqual([]);
    if (!copy.source.includes("quota")) {
      expect(readdirSync(directory, { recursive: true, encoding: "utf8" }).toSorted()).toEqual(before);
    }
    if (before.includes("f") && !before.includes("f/f")) expect(readFileSync(old, "utf8")).toBe("old");
  });

  it("in a tree: what could not be copied is told, the rest is there", async () => {
    const directory = fresh();
    mkdirSync(join(directory, "tree/sub"), { recursive: true });
    chmodSync(join(directory, "tree"), 0o777);
    writeFileSync(join(directory, "tree/sub/b"), "old");
    const copied = await place.call("ssh_copy", {
      from: join(here.path, "tree"),
      to: `box:${directory}/tree`,
      recursive: true,
      wait_s: 60,
    });
    expect(copied.text).toMatch(/^copied in part · 1 file · .* · \d failed/);
    expect(copied.text).toMatch(/sub\/b: file_denied: .*permission denied/);
    expect(readFileSync(join(directory, "tree/a")).equals(megabyte)).toBe(true);
    expect(readFileSync(join(directory, "tree/sub/b"), "utf8")).toBe("old");
    expect(parts(directory)).toEqual([]);
  });

  it("a source that may not be read, is none, or goes while it is copied", async () => {
    const directory = fresh();
    const source = join(directory, "source");
    const from = `box:${source}`;
    const to = join(here.path, `down-${number}`);
    writeFileSync(to, "old");
    writeFileSync(source, "secret", { mode: 0o600 });
    expect((await place.call("ssh_copy", { from, to })).text).toMatch(/^file_denied: .*permission denied/m);
    rmSync(source);
    expect((await place.call("ssh_copy", { from, to })).text).toMatch(/^file_missing: /);
    spawnSync("mkfifo", [source]);
    expect((await place.call("ssh_copy", { from, to })).text).toMatch(/^file_failed: /);
    rmSync(source);
    expect(readFileSync(to, "utf8")).toBe("old");
    // One that shrinks and grows all the time is never what it was when the copy began.
    writeFileSync(source, megabyte);
    chownSync(source, uid, uid);
    let length = 0;
    const writing = setInterval(() => {
      length = (length + 700_001) % 1_000_000;
      writeFileSync(source, megabyte.subarray(0, length));
    }, 3);
    const changing = await place.call("ssh_copy", { from, to, wait_s: 60 });
    clearInterval(writing);
    if (changing.text.startsWith("copied · ")) expect(readFileSync(to).length).toBeLessThanOrEqual(1_000_000);
    else {
      expect([changing.text, readFileSync(to, "utf8")]).toEqual([expect.stringMatching(/file_changed|came to/), "old"]);
    }
    expect(readdirSync(here.path).filter((name) => name.startsWith(".holdfast"))).toEqual([]);
  });
});
