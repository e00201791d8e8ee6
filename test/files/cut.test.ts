import { randomBytes, randomInt } from "node:crypto";
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { delay } from "../../src/base/index.ts";
import { Cleanup } from "../helpers/cleanup.ts";
import { Holdfast } from "../helpers/holdfast.ts";
import { createPrivatePlace } from "../helpers/private-place.ts";
import { makeTempDir, startOpenSsh } from "../helpers/servers/index.ts";
import { fileHosts, type FilePlace } from "./file-places.ts";
import { playsInFull } from "./plays-in-full.ts";

const transfers = playsInFull ? 100 : 3;
const deaths = playsInFull ? 20 : 0;
const writes = playsInFull ? 40 : 1;

/** Cuts of one transfer at most, and how long each waits at most. */
const mostCuts = 3;
const longestWaitMs = 150;

const largestBytes = 6_000_000;

const namesOf = (directory: string): readonly string[] =>
  readdirSync(directory, { recursive: true, encoding: "utf8" }).toSorted();

/** A few files of random sizes, with runs of zeros in some. */
function makeTree(directory: string): void {
  mkdirSync(join(directory, "sub"), { recursive: true });
  for (let file = 0; file < 6; file += 1) {
    const content = randomBytes(randomInt(1, largestBytes / 4));
    if (file % 2 === 0) content.fill(0, randomInt(0, content.length));
    writeFileSync(join(directory, file < 3 ? "sub" : "", `f${file}`), content);
  }
}

function expectSame(one: string, other: string): void {
  expect(namesOf(other)).toEqual(namesOf(one));
  for (const { name, parentPath } of readdirSync(one, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  )) {
    const path = join(parentPath, name);
    expect(readFileSync(join(other, path.slice(one.length))).equals(readFileSync(path))).toBe(true);
  }
}

const hosts = Object.entries(fileHosts).filter(
  ([kind]) => kind === "OpenSSH with SFTP" || (playsInFull && kind === "OpenSSH without SFTP"),
);

describe.each(hosts)("what is cut off at random, %s", (_, open) => {
  let place: FilePlace;
  const here = makeTempDir();
  beforeAll(async () => {
    place = await open();
  });
  afterAll(async () => {
    await place.remove();
    here.remove();
  });

  async function cutting<T>(work: Promise<T>): Promise<T> {
    let over = false;
    const done = work.finally(() => (over = true));
    done.catch(() => undefined);
    for (let cut = randomInt(1, mostCuts + 1); cut > 0 && !over; cut -= 1) {
      await delay(randomInt(0, longestWaitMs));
      place.server.killConnections();
    }
    return done;
  }

  interface Transfer {
    readonly from: string;
    readonly to: string;
    readonly source: string;
    readonly target: string;
  }

  function transferOf(round: number): Transfer {
    const near = join(here.path, `n${round}`);
    const [far, other] = [join(place.local, `f${round}`), join(place.local, `o${round}`)];
    const up = { from: near, to: `box:${other}`, source: near, target: other };
    const down = { from: `box:${far}`, to: near, source: far, target: near };
    const within = { from: `box:${far}`, to: `box:${other}`, source: far, target: other };
    return [up, down, within][round % 3] ?? up;
  }

  async function play(round: number): Promise<void> {
    const { from, to, source, target } = transferOf(round);
    const tree = round % 4 === 3;
    if (tree) makeTree(source);
    else writeFileSync(source, randomBytes(randomInt(1, largestBytes)));
    const args = { from, to, recursive: tree, verify: round % 5 === 0, wait_s: 100 };
    const copied = await cutting(place.call("ssh_copy", args));
    expect(copied.text).toMatch(/^copied · /);
    if (tree) expectSame(source, target);
    else expect(readFileSync(target).equals(readFileSync(source))).toBe(true);
    for (const path of [source, target]) rmSync(path, { recursive: true });
  }

  it(`${transfers} transfers, up, down and from the host to itself, are whole`, async () => {
    for (let round = 0; round < transfers; round += 1) await play(round);
    expect([...namesOf(place.local), ...namesOf(here.path)]).toEqual([]);
  }, 1_200_000);

  it(`${writes} writes are done or not done, and leave nothing`, async () => {
    const directory = join(place.local, "writes");
    mkdirSync(directory);
    const path = join(directory, "written");
    let old = Buffer.from("old");
    writeFileSync(path, old);
    for (let round = 0; round < writes; round += 1) {
      const content = randomBytes(1_500_000);
      const request = { path: `${place.directory}/writes/written`, content, mode: "replace" } as const;
      await cutting(place.session.files.write(request)).then(
        () => expect(readFileSync(path).equals(content)).toBe(true),
        () => {
          const now = readFileSync(path);
          expect(now.equals(old) || now.equals(content)).toBe(true);
        },
      );
      old = readFileSync(path);
    }
    await place.session.files.write({ path: `${place.directory}/writes/written`, content: old, mode: "replace" });
    expect(namesOf(directory)).toEqual(["written"]);
  }, 1_200_000);
});

describe.runIf(deaths > 0)("copies whose server is killed", () => {
  it(`are whole after ${deaths} deaths at random`, async () => {
    const cleanup = new Cleanup();
    const here = makeTempDir();
    try {
      const host = await startOpenSsh();
      cleanup.add(() => host.stop());
      const place = await createPrivatePlace(host.sshConfigFile);
      cleanup.add(() => place.remove());
      for (let round = 0; round < deaths; round += 1) {
        const content = randomBytes(randomInt(40_000_000, 120_000_000));
        const up = round % 2 === 0;
        const [near, far] = [join(here.path, `f${round}`), join(host.directory, `f${round}`)];
        writeFileSync(up ? near : far, content);
        const first = await Holdfast.start(place);
        const ends = up ? { from: near, to: `box:${far}` } : { from: `box:${far}`, to: near };
        const started = await first.call("ssh_copy", { ...ends, wait_s: 0 });
        const command = /\S+\/\d+(?= · next)/.exec(started.text)?.[0];
        await delay(randomInt(0, 400));
        await first.kill();
        const second = await Holdfast.start(place);
        const ended = await second.call("ssh_read", { command, wait_s: 100 });
        expect(ended.text).toMatch(/^exit 0 · /);
        expect(readFileSync(up ? far : near).equals(content)).toBe(true);
        expect(readdirSync(here.path)).toEqual([`f${round}`]);
        await second.call("ssh_close", { all: true, force: true });
        await second.stop();
        for (const path of [near, far]) rmSync(path);
      }
      expect(readdirSync(host.directory).filter((name) => name.startsWith(".holdfast"))).toEqual([]);
    } finally {
      await cleanup.run();
      here.remove();
    }
  }, 1_200_000);
});
