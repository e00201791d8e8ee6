// Watches what all processes of this machine show of themselves, about a thousand times a second: node scripts/run.mjs test/sudo/sample-processes.ts
// The texts to look for come as one line of JSON on stdin; each hit goes to stdout, and when stdin ends a report. Linux, root.
import { closeSync, openSync, readdirSync, readSync } from "node:fs";
import { setPriority } from "node:os";
import process from "node:process";
import { createInterface } from "node:readline";
import { z } from "zod";
import { delay, monotonicMs } from "../../src/base/index.ts";

/** Between two looks at whatever is young. */
const periodMs = 1;

/** What comes from the test, however deep, is watched closely; the rest of the machine when it begins, and now and then. */
const family = new Set([String(process.ppid)]);

/** Whoever has lost its parent before it was seen may be anybody's. */
const orphansParent = "1";

/** What a process shows changes when it starts another program; after so long without that it is looked at less often. */
const youngMs = 50;
const oldEveryMs = 100;
const strangerEveryMs = 2_000;

/** Looks that are made before stdin is looked at: a tenth of a second. */
const looksAtOnce = 100;

/** More than the longest command line or environment of a test. */
const buffer = Buffer.alloc(262_144);
const pause = new Int32Array(new SharedArrayBuffer(4));

interface Watched {
  readonly shown: Map<string, Buffer>;
  readonly isClose: boolean;
  changedMs: number;
  nextMs: number;
}

/** In full it does not rest, and comes before all that is watched. */
const isEager = process.env["HOLDFAST_SUDO"] === "full";
const priority = -15;

/** Read again and again: the kernel writes it anew each time. */
const loadFile = openSync("/proc/loadavg", "r");

const watched = new Map<string, Watched>();
const hits = new Set<string>();
let needles: readonly Buffer[] = [];
let newest = 0;
let seen = 0;
let looks = 0;

/** A file of /proc; undefined where the process is gone. */
function read(path: string): Buffer | undefined {
  try {
    const file = openSync(path, "r");
    try {
      return buffer.subarray(0, readSync(file, buffer, 0, buffer.length, 0));
    } finally {
      closeSync(file);
    }
  } catch {
    return undefined;
  }
}

function lookAt(pid: string, process_: Watched, nowMs: number): void {
  let isThere = false;
  for (const name of ["cmdline", "environ"]) {
    const content = read(`/proc/${pid}/${name}`);
    if (content === undefined) continue;
    isThere = true;
    if (process_.shown.get(name)?.equals(content) === true) continue;
    process_.shown.set(name, Buffer.from(content));
    process_.changedMs = nowMs;
    if (needles.some((needle) => content.includes(needle))) hit(`${name} of ${nameOf(pid)}`);
  }
  if (!isThere) watched.delete(pid);
  process_.nextMs = nowMs + restMs(process_, nowMs);
}

/** Told at once, for whoever holds still until it is seen. */
function hit(what: string): void {
  if (hits.has(what)) return;
  hits.add(what);
  process.stdout.write(`hit ${what}\n`);
}

function restMs({ isClose, changedMs }: Watched, nowMs: number): number {
  if (!isClose) return strangerEveryMs;
  return nowMs - changedMs < youngMs ? 0 : oldEveryMs;
}

function nameOf(pid: string): string {
  return read(`/proc/${pid}/comm`)?.toString().trim() ?? "?";
}

function watch(pid: string, nowMs: number): void {
  if (watched.has(pid)) return;
  const stat = read(`/proc/${pid}/stat`)?.toString("latin1") ?? "";
  const [, parent = ""] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const isClose = parent === orphansParent || family.has(parent);
  if (isClose) {
    family.add(pid);
    seen += 1;
  }
  watched.set(pid, { shown: new Map(), isClose, changedMs: nowMs, nextMs: 0 });
}

/** Process ids are given in order: the kernel tells the last one, so a list of all is wanted only at the beginning and after the highest. */
function findNew(nowMs: number): void {
  const line = buffer.toString("latin1", 0, readSync(loadFile, buffer, 0, buffer.length, 0));
  const last = Number(line.slice(line.lastIndexOf(" ")));
  if (newest === 0 || last < newest) {
    for (const name of readdirSync("/proc")) if (/^\d+$/.test(name)) watch(name, nowMs);
  } else {
    for (let pid = newest + 1; pid <= last; pid += 1) watch(String(pid), nowMs);
  }
  newest = last;
}

function look(): void {
  const nowMs = monotonicMs();
  findNew(nowMs);
  for (const [pid, one] of watched) if (one.nextMs <= nowMs) lookAt(pid, one, nowMs);
  looks += 1;
  const leftMs = periodMs - (monotonicMs() - nowMs);
  if (leftMs > 0 && !isEager) Atomics.wait(pause, 0, 0, leftMs);
}

const lines = createInterface({ input: process.stdin });
let isOver = false;
lines.once("close", () => {
  isOver = true;
});
const [texts] = await Promise.race([
  new Promise<readonly [string]>((resolve) => lines.once("line", (line) => resolve([line]))),
  new Promise<readonly [string]>((resolve) => lines.once("close", () => resolve(["[]"]))),
]);
needles = z
  .array(z.string())
  .parse(JSON.parse(texts))
  .map((text) => Buffer.from(text));
if (isEager) setPriority(priority);
const startedMs = monotonicMs();
process.stdout.write("watching\n");
while (!isOver) {
  for (let n = 0; n < looksAtOnce; n += 1) look();
  await delay(0);
}
const tookMs = Math.round(monotonicMs() - startedMs);
process.stdout.write(`${JSON.stringify({ looks, tookMs, seen, hits: [...hits] })}\n`);
