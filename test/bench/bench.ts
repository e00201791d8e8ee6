// Measures what docs/benchmarks.md promises: npm run bench; --help says what can be chosen
import { execFileSync } from "node:child_process";
import { availableParallelism, loadavg } from "node:os";
import process from "node:process";
import { parseArgs } from "node:util";
import { Cleanup } from "../helpers/cleanup.ts";
import { bulk } from "./bulk.ts";
import { cold } from "./cold.ts";
import { connect } from "./connect.ts";
import { copy, copyFar } from "./copy.ts";
import { crowd } from "./crowd.ts";
import { device } from "./device.ts";
import { far } from "./far.ts";
import { idle } from "./idle.ts";
import { redact } from "./redact.ts";
import { screen } from "./screen.ts";
import type { Section } from "./section.ts";
import { start } from "./start-up.ts";
import { sudo } from "./sudo.ts";
import { sudoWrite } from "./sudo-write.ts";
import { tunnel } from "./tunnel.ts";
import { warm } from "./warm.ts";

const sections: ReadonlyMap<string, Section> = new Map([
  ["warm", warm],
  ["far", far],
  ["device", device],
  ["cold", cold],
  ["connect", connect],
  ["crowd", crowd],
  ["start", start],
  ["bulk", bulk],
  ["copy", copy],
  ["copy-far", copyFar],
  ["idle", idle],
  ["tunnel", tunnel],
  ["redact", redact],
  ["sudo", sudo],
  ["sudo-write", sudoWrite],
  ["screen", screen],
]);

const usage = `npm run bench -- [options]
  --only <names>   some of ${[...sections.keys()].join(",")} (all)
  --rounds <n>     rounds of what is timed (200)
  --sessions <n>   idle sessions, about 14 processes each (1000)
  --help           this
Ends with 0 when all goals were reached, with 1 when one was missed.
`;

const { values } = parseArgs({
  options: {
    only: { type: "string", default: [...sections.keys()].join() },
    rounds: { type: "string", default: "200" },
    sessions: { type: "string", default: "1000" },
    help: { type: "boolean", default: false },
  },
});
const [rounds = 0, sessions = 0] = [values.rounds, values.sessions].map(Number);
const wanted = values.only.split(",").map((name) => ({ name, section: sections.get(name) }));

/** Runs one section and undoes what it made; a section that breaks off has reached no goal. */
async function run(name: string, section: Section): Promise<boolean> {
  const cleanup = new Cleanup();
  try {
    return await section(cleanup, { rounds, sessions });
  } catch (error) {
    process.stderr.write(
      `\n${name} broke off: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
    );
    return false;
  } finally {
    await cleanup.run();
  }
}

function machine(): string {
  const load = loadavg().map((value) => value.toFixed(1));
  const uname = execFileSync("uname", ["-sr"], { encoding: "utf8" }).trim();
  return `Node ${process.versions.node}, ${uname}, load ${load.join(" ")} on ${availableParallelism()} processors`;
}

if (values.help) process.stdout.write(usage);
else if (rounds >= 1 && sessions >= 1 && wanted.every(({ section }) => section !== undefined)) {
  process.stdout.write(`${machine()}\n`);
  const missed: string[] = [];
  for (const { name, section } of wanted) {
    if (section !== undefined && !(await run(name, section))) missed.push(name);
  }
  process.stdout.write(
    `\n${missed.length === 0 ? "All goals reached" : `Goals missed in: ${missed.join(", ")}`}; ${machine()}\n`,
  );
  process.exitCode = missed.length === 0 ? 0 : 1;
} else {
  process.stderr.write(usage);
  process.exitCode = 2;
}
