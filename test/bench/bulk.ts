import { spawn } from "node:child_process";
import { once } from "node:events";
import { truncateSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { Cleanup } from "../helpers/cleanup.ts";
import { daemonPid } from "../helpers/daemon.ts";
import type { Holdfast } from "../helpers/holdfast.ts";
import type { Contender } from "./contenders.ts";
import { hostDirectory, openSession, placeFor, startHost, startServer, type Way } from "./scene.ts";
import type { Section } from "./section.ts";
import { residentBytes, resetPeak } from "./server-memory.ts";
import { printTable, type Row } from "./table.ts";
import { timeInterleaved, type Timing } from "./timing.ts";

const gibibyte = 1024 ** 3;
const megabyte = 1_000_000;
const mebibyte = 1024 ** 2;

/** Promised: this share of the throughput of `ssh host cat`, and at most so much more memory of the server. */
const promisedShare = 0.7;
const promisedGrowthBytes = 64 * mebibyte;

/** A gigabyte takes seconds and, as long as its session is open, as much of the disk. */
const rounds = 3;
const warmUpRounds = 1;

/** 1 GiB of stdout, all kept on the host, or with the usual limit of what is kept. */
export const bulk: Section = async (cleanup) => {
  const host = await startHost(cleanup);
  const file = path.join(hostDirectory(host), "zeros");
  writeFileSync(file, "", { mode: 0o644 });
  // A sparse file: a gigabyte to read that is nowhere on the disk.
  truncateSync(file, gibibyte);
  const command = `cat '${file}'`;
  const env = { HOLDFAST_HOST_DIRECTORY: hostDirectory(host) };
  const whole = await readerOf(cleanup, host, { command, env: { ...env, HOLDFAST_SPOOL_BYTES: String(2 * gibibyte) } });
  const capped = await readerOf(cleanup, host, { command, env });
  const ssh = overPlainSsh(host, command);
  const [sshTiming, ...timings] = await timeInterleaved([ssh, whole, capped], rounds, warmUpRounds);
  if (sshTiming === undefined) throw new Error("nothing was measured");
  const rows = [whole, capped].flatMap((reader, index) => rowsOf(reader, timings[index], sshTiming));
  return printTable(
    `bulk: 1 GiB of stdout, ${rounds} rounds, interleaved`,
    ["median s", "slowest s", "MB/s", "ratio"],
    [...rows, { name: ssh.name, figures: [...speed(sshTiming), "1.00"] }],
  );
};

interface Reader extends Contender {
  /** How much more memory the server took at its highest than when it was warm and idle. */
  growthBytes(): number;
}

/** A server that runs the command in a session of its own each time, so that the disk is free again afterwards. */
async function readerOf(
  cleanup: Cleanup,
  way: Way,
  { command, env }: { readonly command: string; readonly env: Record<string, string> },
): Promise<Reader> {
  const place = await placeFor(cleanup, way, env);
  const server = await startServer(cleanup, place, true);
  const pid = await daemonPid(place);
  const kept = env["HOLDFAST_SPOOL_BYTES"] === undefined ? "the usual 256 MiB" : "all";
  let idleBytes: number | undefined;
  return {
    name: `ssh_run cat, ${kept} kept`,
    prepare: async () => {
      await openSession(server, way, "bulk");
      await run(server, "true");
      if (idleBytes !== undefined) return;
      idleBytes = residentBytes(pid, "now");
      resetPeak(pid);
    },
    once: () => run(server, command),
    tidy: () => server.closeSession("bulk"),
    growthBytes: () => residentBytes(pid, "peak") - (idleBytes ?? 0),
  };
}

async function run(server: Holdfast, command: string): Promise<void> {
  const reply = await server.run("bulk", command, { wait_s: 110 });
  if (reply.state !== "exit 0") throw new Error(`unexpected reply: ${reply.text.slice(0, 500)}`);
}

function overPlainSsh(way: Way, command: string): Contender {
  return {
    name: "ssh host cat",
    once: async () => {
      const child = spawn("ssh", ["-n", "-F", way.sshConfigFile, way.alias, command], { stdio: "ignore" });
      const [code] = await once(child, "exit");
      if (code !== 0) throw new Error(`ssh ended with ${String(code)}`);
    },
  };
}

function rowsOf(reader: Reader, timing: Timing | undefined, ssh: Timing): readonly Row[] {
  if (timing === undefined) return [];
  const share = ssh.medianMs / timing.medianMs;
  const growth = reader.growthBytes();
  return [
    {
      name: reader.name,
      figures: [...speed(timing), share.toFixed(2)],
      goal: { text: `≥ ${promisedShare} × ssh host cat`, holds: share >= promisedShare },
    },
    {
      name: "  memory of its server grew by",
      figures: ["", "", "", `${(growth / mebibyte).toFixed(0)} MiB`],
      goal: { text: `≤ ${promisedGrowthBytes / mebibyte} MiB`, holds: growth <= promisedGrowthBytes },
    },
  ];
}

function speed({ medianMs, p95Ms }: Timing): readonly string[] {
  const perSecond = gibibyte / megabyte / (medianMs / 1000);
  return [(medianMs / 1000).toFixed(2), (p95Ms / 1000).toFixed(2), perSecond.toFixed(0)];
}
