import process from "node:process";
import { Cleanup } from "../helpers/cleanup.ts";
import { Holdfast } from "../helpers/holdfast.ts";
import { createPrivatePlace } from "../helpers/private-place.ts";
import { startOpenSsh } from "../helpers/servers/index.ts";
import { stopDaemon } from "../helpers/daemon.ts";
import { bareNode, oneByte, startOf } from "./start-up.ts";
import { openEcho, type Contender, overControlMaster } from "./contenders.ts";
import { timeInterleaved, type Timing } from "./timing.ts";

/** `--rounds <n>`: how often each contender runs. */
const rounds = Number(process.argv[2] === "--rounds" ? process.argv[3] : 200);
if (!(rounds >= 1)) throw new Error("--rounds is a number from 1 on");
/** What the product promises on loopback. */
const promisedMedianMs = 8;

const cleanup = new Cleanup();

async function measure(): Promise<boolean> {
  const host = await startOpenSsh({ config: ["LogLevel INFO"] });
  cleanup.add(() => host.stop());
  const place = await createPrivatePlace(host.sshConfigFile);
  cleanup.add(() => place.remove());
  const server = await Holdfast.start(place);
  cleanup.add(() => server.stop());
  cleanup.add(() => server.call("ssh_close", { session: host.alias }));
  const mcp: Contender = {
    name: "ssh_run echo hi (MCP, warm)",
    once: async () => {
      const reply = await server.run(host.alias, "echo hi");
      if (reply.stdout !== "hi\n") throw new Error(`unexpected reply: ${reply.text}`);
    },
  };
  const echo = await openEcho(host);
  cleanup.add(() => echo.close());
  const master = await overControlMaster(host, place.root);
  cleanup.add(() => master.close());
  return report(await timeInterleaved([mcp, echo, master], rounds));
}

/** A start costs a process: fewer rounds tell as much. */
const startUpRounds = Math.ceil(rounds / 8);

async function measureStartUp(): Promise<boolean> {
  const place = await createPrivatePlace("/dev/null");
  cleanup.add(() => place.remove());
  const coldPlace = await createPrivatePlace("/dev/null");
  cleanup.add(() => coldPlace.remove());
  cleanup.add(() => stopDaemon(place));
  cleanup.add(() => stopDaemon(coldPlace));
  const contenders = [bareNode, startOf("warm", place), startOf("cold", coldPlace), startOf("alone", place), oneByte];
  const timings = await timeInterleaved(contenders, startUpRounds);
  const [bare, warm, cold] = timings;
  if (bare === undefined || warm === undefined || cold === undefined) throw new Error("nothing was measured");
  process.stdout.write(`\nFrom the start of holdfast to the answer to initialize, ${startUpRounds} rounds\n`);
  printTable(timings, bare.medianMs);
  return judge([
    ["with a daemon that runs at most 1.5 × node -e 0", warm.medianMs <= 1.5 * bare.medianMs],
    ["with one that has to be started at most 4 ×", cold.medianMs <= 4 * bare.medianMs],
  ]);
}

function report(timings: readonly Timing[]): boolean {
  const [mcp, , master] = timings;
  if (mcp === undefined || master === undefined) throw new Error("nothing was measured");
  printTable(timings, mcp.medianMs);
  return judge([
    [`through MCP at most ${promisedMedianMs} ms median`, mcp.medianMs <= promisedMedianMs],
    ["faster than ssh -S", mcp.medianMs < master.medianMs],
  ]);
}

/** Ratios are to `unitMs`. */
function printTable(timings: readonly Timing[], unitMs: number): void {
  const rows = timings.map(({ name, medianMs, p95Ms }) => [
    name,
    medianMs.toFixed(2),
    p95Ms.toFixed(2),
    (medianMs / unitMs).toFixed(2),
  ]);
  const table = [["", "median ms", "p95 ms", "ratio"], ...rows];
  for (const [name = "", ...figures] of table) {
    process.stdout.write(`${name.padEnd(34)}${figures.map((figure) => figure.padStart(11)).join("")}\n`);
  }
}

function judge(promises: readonly (readonly [string, boolean])[]): boolean {
  for (const [what, holds] of promises) process.stdout.write(`${holds ? "✔" : "✘"} ${what}\n`);
  return promises.every(([, holds]) => holds);
}

try {
  process.stdout.write(`Node ${process.versions.node}, ${rounds} rounds, interleaved, sshd on loopback\n`);
  const fast = await measure();
  process.exitCode = (await measureStartUp()) && fast ? 0 : 1;
} finally {
  await cleanup.run();
}
