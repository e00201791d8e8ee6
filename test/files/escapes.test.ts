import { spawn, type ChildProcess } from "node:child_process";
import { mkdirSync, readFileSync, readdirSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeTempDir } from "../helpers/servers/index.ts";
import { fileHosts, type FilePlace } from "./file-places.ts";
import { playsInFull } from "./plays-in-full.ts";

/** Copies while a directory is exchanged for a link all the time. */
const races = playsInFull ? 200 : 5;

/** Three copies each, which take a second where others work, too. */
const racesLimitMs = 120_000 + races * 3_000;

/** Paths of this machine that lead, or seem to lead, out of the root: dots, links, other cases, other forms of Unicode. */
const paths = [
  "../secret",
  "in/../../secret",
  "in/../in/../../secret",
  "..",
  "../",
  "./..",
  "out/secret",
  "out",
  "out/.",
  "OUT/../../secret",
  "In/../../Secret",
  "link",
  "in/link",
  "chain/secret",
  "~",
  "/ROOT-beside/secret",
  "/proc/self/rootROOT-beside/secret",
  "slashROOT-beside/secret",
  "\u2024\u2024/../../secret",
  "\uFF0E\uFF0E/../../secret",
  "..\u2215..\u2215../../../secret",
  "in/e\u0301/../../../secret",
  "in/\u00E9/../../../secret",
  "ROOT-beside/secret",
  "ROOT/../secret",
  "ROOT/./in/../../secret",
  "\u202E/../../secret",
  " /../../secret",
  "up",
  "up/",
  "up/secret",
  "up/root-beside/secret",
  "in/deep",
  "in/deep/secret",
  "beside",
  "beside/secret",
  "../root-beside/secret",
  "../root/../secret",
  "in/./../../secret",
  "in//..//../secret",
  "./in/../../elsewhere/secret",
  "in\u0000/../../secret",
];

/** The same to what is this machine's own: only read, because the code that is to refuse it may be broken one day, and run by root. */
const machines = [
  "/etc/passwd",
  "//etc//passwd",
  "/proc/self/root/etc/passwd",
  "/proc/self/fd/0",
  "~/.ssh/known_hosts",
  "slash/etc/passwd",
  "/tmp/../etc/passwd",
  "/proc/self/cwd/package.json",
  "/proc/self/environ",
  "/proc/1/root/etc/passwd",
  "/dev/stdin",
];

/** Paths that lead to a place in the root, whatever they look like: what is there may be written, and nothing else. */
const lookalikes = [
  "out/../secret",
  "up/../secret",
  "dangling",
  "%2e%2e/secret",
  "..\\..\\secret",
  "..\u200b/secret",
  "~root/secret",
  "..\u00A0/secret",
];

/** Exchanges two names, each time in one step (renameat2 with RENAME_EXCHANGE), as fast as it can. */
const exchanging = `
import ctypes
rename = ctypes.CDLL(None).renameat2
while True:
    rename(-100, b"in", -100, b"other", 2)
`;

/** Files below a directory, whatever links there are. */
function filesBelow(directory: string): readonly string[] {
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
}

describe("copies and the places of this machine", () => {
  let place: FilePlace;
  let base = "";
  let root = "";
  const here = makeTempDir();
  beforeAll(async () => {
    place = await fileHosts["OpenSSH with SFTP"]();
    base = realpathSync(here.path);
    root = join(base, "root");
    for (const name of ["root/in/\u00E9", "root/in/e\u0301", "elsewhere", "root-beside"]) {
      mkdirSync(join(base, name), { recursive: true });
    }
    for (const name of ["secret", "elsewhere/secret", "root-beside/secret"]) writeFileSync(join(base, name), "secret");
    symlinkSync(join(base, "elsewhere"), join(root, "out"));
    symlinkSync("out", join(root, "chain"));
    symlinkSync("../secret", join(root, "link"));
    symlinkSync("../../secret", join(root, "in/link"));
    symlinkSync("..", join(root, "up"));
    symlinkSync("../../elsewhere", join(root, "in/deep"));
    symlinkSync(join(base, "root-beside"), join(root, "beside"));
    symlinkSync("/", join(root, "slash"));
    symlinkSync("../fresh", join(root, "dangling"));
    writeFileSync(join(place.local, "new"), "new");
  });
  let racer: ChildProcess | undefined;
  afterAll(async () => {
    // Also of a test that had no time to end it.
    racer?.kill("SIGKILL");
    await place.remove();
    here.remove();
  });
  const copy = (from: string, to: string, recursive = false) =>
    place.call("ssh_copy", { from, to, recursive, resume: false }, { directory: root, roots: [root] });
  const untouched = (): void => {
    expect(readdirSync(base).toSorted()).toEqual(["elsewhere", "root", "root-beside", "secret"]);
    for (const name of ["elsewhere", "root-beside"]) {
      expect(readdirSync(join(base, name))).toEqual(["secret"]);
      expect(readFileSync(join(base, name, "secret"), "utf8")).toBe("secret");
    }
    expect(readFileSync(join(base, "secret"), "utf8")).toBe("secret");
  };

  it(`do not read from or write to any of ${paths.length + machines.length} places outside`, async () => {
    const replies = [...paths, ...machines].map(async (path, number) => {
      const named = path.replace("ROOT", root);
      const taken = await copy(named, `box:${place.directory}/taken${number}`, true);
      const isOurs = number < paths.length;
      const written = isOurs ? [named, `${named}/new`].map((to) => copy(`box:${place.directory}/new`, to)) : [];
      for (const reply of [taken, ...(await Promise.all(written))]) {
        const refused = /^(denied_by_policy|file_missing|file_failed|bad_input): /.test(reply.text);
        expect([path, reply.text, refused]).toEqual([path, reply.text, true]);
      }
    });
    await Promise.all(replies);
    expect(paths.length + machines.length).toBeGreaterThanOrEqual(40);
    expect(readdirSync(place.local)).toEqual(["new"]);
    untouched();
  }, 120_000);

  it.each(lookalikes.filter((_, number) => playsInFull || number % 3 === 0))("stay inside with %j", async (path) => {
    await copy(`box:${place.directory}/new`, path);
    await copy(`box:${place.directory}/new`, `${path}.d/new`);
    await copy(path, `box:${place.directory}/taken`, true);
    for (const name of filesBelow(place.local)) expect(readFileSync(name, "utf8")).toBe("new");
    rmSync(join(place.local, "taken"), { recursive: true, force: true });
    untouched();
  });

  it(
    "do not go out when a directory becomes a link while they run",
    async () => {
      writeFileSync(join(root, "in/secret"), "mine");
      symlinkSync("../elsewhere", join(root, "other"));
      racer = spawn("python3", ["-c", exchanging], { cwd: root, stdio: "ignore" });
      try {
        let seen = 0;
        for (let race = 0; race < races; race += 1) {
          await copy(`box:${place.directory}/new`, "in/new");
          await copy("in/secret", `box:${place.directory}/taken`);
          await copy("in", `box:${place.directory}/tree`, true);
          const taken = filesBelow(place.local).filter((path) => /\/(taken|secret)$/.test(path));
          for (const path of taken) expect(readFileSync(path, "utf8")).toBe("mine");
          seen += taken.length;
          expect(readdirSync(join(base, "elsewhere"))).toEqual(["secret"]);
        }
        expect(seen).toBeGreaterThan(0);
      } finally {
        racer.kill("SIGKILL");
      }
      untouched();
    },
    racesLimitMs,
  );
});
