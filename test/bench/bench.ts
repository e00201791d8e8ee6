import process from "node:process";
import { Cleanup } from "../helpers/cleanup.ts";
import { Holdfast } from "../helpers/holdfast.ts";
import { createPrivatePlace } from "../helpers/private-place.ts";
import { startOpenSsh } from "../helpers/servers/index.ts";
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

function report(timings: readonly Timing[]): boolean {
  const [mcp, , master] = timings;
  if (mcp === undefined || master === undefined) throw new Error("nothing was measured");
  const rows = timings.map(({ name, medianMs, p95Ms }) => [
    name,
    medianMs.toFixed(2),
    p95Ms.toFixed(2),
    (medianMs / mcp.medianMs).toFixed(2),
  ]);
  const table = [["", "median ms", "p95 ms", "ratio"], ...rows];
  for (const [name = "", ...figures] of table) {
    process.stdout.write(`${name.padEnd(34)}${figures.map((figure) => figure.padStart(11)).join("")}\n`);
  }
  const promises: readonly (readonly [string, boolean])[] = [
    [`through MCP at most ${promisedMedianMs} ms median`, mcp.medianMs <= promisedMedianMs],
    ["faster than ssh -S", mcp.medianMs < master.medianMs],
  ];
  for (const [what, holds] of promises) process.stdout.write(`${holds ? "✔" : "✘"} ${what}\n`);
  return promises.every(([, holds]) => holds);
}

try {
  process.stdout.write(`Node ${process.versions.node}, ${rounds} rounds, interleaved, sshd on loopback\n`);
  process.exitCode = (await measure()) ? 0 : 1;
} finally {
  await cleanup.run();
}
