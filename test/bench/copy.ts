import { randomBytes } from "node:crypto";
import { appendFileSync, chownSync, closeSync, mkdirSync, openSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Cleanup } from "../helpers/cleanup.ts";
import { daemonPid } from "../helpers/daemon.ts";
import type { Holdfast } from "../helpers/holdfast.ts";
import type { PrivatePlace } from "../helpers/private-place.ts";
import type { TestServer } from "../helpers/servers/index.ts";
import type { Contender } from "./contenders.ts";
import { openSftp, type OpenSftp } from "./open-sftp.ts";
import { hostDirectory, longWay, openSession, placeFor, startHost, startServer, type Way } from "./scene.ts";
import type { Section } from "./section.ts";
import { residentBytes, resetPeak } from "./server-memory.ts";
import { printTable, type Row } from "./table.ts";
import { timeInterleaved } from "./timing.ts";

const mebibyte = 1024 ** 2;
const smallFileBytes = 4096;

/** The same for both, so that copying is compared and not ciphers. */
const cipher = "aes128-gcm@openssh.com";

/** A round trip of 50 ms. */
const oneWayMs = 25;

/** What a copy takes is seconds, of sftp far away a minute. */
const shareOfRounds = 0.025;
const warmUpRounds = 1;

/** Promised: at most so much more memory of the server. */
const promisedGrowthBytes = 64 * mebibyte;

/** Longest copy of ours that is waited for. */
const copyLimitMs = 110_000;

/** What is copied, and how many times as fast as by sftp that was promised. */
interface Load {
  readonly name: string;
  readonly files: number;
  readonly bytesPerFile: number;
  readonly promisedTimes: number;
  /** Rounds at most, where sftp takes minutes. */
  readonly mostRounds?: number;
}

const near: readonly Load[] = [
  { name: "1 GiB", files: 1, bytesPerFile: 1024 * mebibyte, promisedTimes: 1 },
  { name: "2,000 x 4 KiB", files: 2_000, bytesPerFile: smallFileBytes, promisedTimes: 2.5 },
];

const distant: readonly Load[] = [
  { name: "64 MiB, 50 ms", files: 1, bytesPerFile: 64 * mebibyte, promisedTimes: 3 },
  { name: "400 x 4 KiB, 50 ms", files: 400, bytesPerFile: smallFileBytes, promisedTimes: 50, mostRounds: 1 },
];

/** `ssh_copy` beside OpenSSH's sftp whose connection is up, too: a large file and many small ones. */
export const copy: Section = async (cleanup, { rounds }) => {
  const host = await startHostWithCipher(cleanup);
  return race(cleanup, { host, way: host, loads: near, rounds });
};

/** The same far away. Minutes, because of sftp. */
export const copyFar: Section = async (cleanup, { rounds }) => {
  const host = await startHostWithCipher(cleanup);
  return race(cleanup, { host, way: await longWay(cleanup, host, oneWayMs), loads: distant, rounds });
};

async function startHostWithCipher(cleanup: Cleanup): Promise<TestServer> {
  const host = await startHost(cleanup);
  appendFileSync(host.sshConfigFile, `  Ciphers ${cipher}\n`);
  return host;
}

interface Course {
  readonly host: TestServer;
  readonly way: Way;
  readonly loads: readonly Load[];
  readonly rounds: number;
}

async function race(cleanup: Cleanup, { host, way, loads, rounds }: Course): Promise<boolean> {
  const times = Math.max(1, Math.round(rounds * shareOfRounds));
  const place = await placeFor(cleanup, way, { HOLDFAST_COPY_ROOTS: tmpdir() });
  const server = await startServer(cleanup, place, true);
  await openSession(server, way, "copies");
  const sftp = await openSftp(way);
  cleanup.add(() => sftp.close());
  const memory = await memoryOf(place);
  const rows: Row[] = [];
  for (const load of loads) {
    const ground = makeGround(place, host, load);
    for (const up of [true, false]) rows.push(await compare({ ground, load, up, server, sftp }, times));
    ground.remove();
  }
  const growth = memory.growthBytes();
  rows.push({
    name: "  memory of its server grew by",
    figures: ["", "", "", `${(growth / mebibyte).toFixed(0)} MiB`],
    goal: { text: `≤ ${promisedGrowthBytes / mebibyte} MiB`, holds: growth <= promisedGrowthBytes },
  });
  return printTable(
    `copy: ssh_copy beside sftp, both ${cipher}, ${times} rounds, interleaved`,
    ["median s", "sftp s", "MB/s", "ratio"],
    rows,
  );
}

async function memoryOf(place: PrivatePlace): Promise<{ growthBytes(): number }> {
  const pid = await daemonPid(place);
  const idleBytes = residentBytes(pid, "now");
  resetPeak(pid);
  return { growthBytes: () => residentBytes(pid, "peak") - idleBytes };
}

interface Ground {
  /** Of this machine, and of the host: in each `source`, and room for what is copied. */
  readonly here: string;
  readonly there: string;
  remove(): void;
}

/** The same files on both sides, of bytes that nothing can press or leave out. */
function makeGround(place: PrivatePlace, host: TestServer, { files, bytesPerFile }: Load): Ground {
  const here = path.join(place.root, "ground");
  const there = path.join(hostDirectory(host), "ground");
  for (const directory of [here, there]) {
    mkdirSync(path.join(directory, "source"), { recursive: true });
    for (let file = 0; file < files; file += 1) fill(path.join(directory, "source", `f${file}`), bytesPerFile);
  }
  if (host.loginUser !== undefined) chownSync(there, host.loginUser.uid, host.loginUser.gid);
  return {
    here,
    there,
    remove: () => {
      for (const directory of [here, there]) rmSync(directory, { recursive: true, force: true });
    },
  };
}

function fill(file: string, sizeBytes: number): void {
  const piece = randomBytes(Math.min(sizeBytes, mebibyte));
  if (sizeBytes <= piece.length) {
    writeFileSync(file, piece);
    return;
  }
  const opened = openSync(file, "w");
  for (let written = 0; written < sizeBytes; written += piece.length) writeSync(opened, piece);
  closeSync(opened);
}

interface Match {
  readonly ground: Ground;
  readonly load: Load;
  readonly up: boolean;
  readonly server: Holdfast;
  readonly sftp: OpenSftp;
}

async function compare(match: Match, times: number): Promise<Row> {
  const { load, up } = match;
  const rounds = Math.min(times, load.mostRounds ?? times);
  const warmUps = load.mostRounds === undefined ? warmUpRounds : 0;
  const [ours, theirs] = await timeInterleaved([byHoldfast(match), bySftp(match)], rounds, warmUps);
  if (ours === undefined || theirs === undefined) throw new Error("nothing was measured");
  const ratio = theirs.medianMs / ours.medianMs;
  const perSecond = (load.files * load.bytesPerFile) / 1_000_000 / (ours.medianMs / 1000);
  return {
    name: `${load.name}, ${up ? "up" : "down"}`,
    figures: [
      (ours.medianMs / 1000).toFixed(2),
      (theirs.medianMs / 1000).toFixed(2),
      perSecond.toFixed(0),
      ratio.toFixed(2),
    ],
    goal: { text: `≥ ${load.promisedTimes} × sftp`, holds: ratio >= load.promisedTimes },
  };
}

function byHoldfast({ ground, load, up, server }: Match): Contender {
  const [from, to] = up
    ? [`${ground.here}/source`, `copies:${ground.there}/ours`]
    : [`copies:${ground.there}/source`, `${ground.here}/ours`];
  const made = path.join(up ? ground.there : ground.here, "ours");
  const args = load.files === 1 ? { from: `${from}/f0`, to } : { from, to, recursive: true };
  return {
    name: "ssh_copy",
    prepare: async () => rmSync(made, { recursive: true, force: true }),
    once: async () => {
      const reply = await server.call("ssh_copy", { ...args, wait_s: 100 }, copyLimitMs);
      if (reply.isError || !reply.text.startsWith("copied")) throw new Error(`unexpected reply: ${reply.text}`);
    },
    tidy: async () => rmSync(made, { recursive: true, force: true }),
  };
}

function bySftp({ ground, load, up, sftp }: Match): Contender {
  const [from, to] = up
    ? [`${ground.here}/source`, `${ground.there}/theirs`]
    : [`${ground.there}/source`, `${ground.here}/theirs`];
  const made = path.join(up ? ground.there : ground.here, "theirs");
  const verb = up ? "put" : "get";
  return {
    name: "sftp",
    prepare: async () => rmSync(made, { recursive: true, force: true }),
    once: () => sftp.run(load.files === 1 ? `${verb} ${from}/f0 ${to}` : `${verb} -r ${from} ${to}`),
    tidy: async () => rmSync(made, { recursive: true, force: true }),
  };
}
