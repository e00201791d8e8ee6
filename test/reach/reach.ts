// Prints the table of hosts, each reached or refused through the built server: npm run reach
import process from "node:process";
import { Cleanup } from "../helpers/cleanup.ts";
import { canMakeUsers } from "../helpers/servers/index.ts";
import { startAgent } from "./agent.ts";
import { writeClientSide } from "./client-side.ts";
import { playRow, type Outcome } from "./play-reach.ts";
import { startReachServers } from "./reach-servers.ts";
import { reachRows } from "./rows.ts";

const megabytes = 200;

/** What fits beside the other columns. */
const replyWidth = 150;

function line({ row, text, tookMs, asExpected, inTime }: Outcome): string {
  const [first = ""] = text.split("\n");
  const reply = first.length > replyWidth ? `${first.slice(0, replyWidth - 1)}…` : first;
  const took = `${tookMs.toFixed(0).padStart(6)} ms${inTime ? "" : `, not within ${row.limitMs} ms`}`;
  return `${asExpected && inTime ? "✔" : "✘"} ${row.alias.padEnd(14)} ${row.what.padEnd(62)} ${took}  ${reply}`;
}

async function play(cleanup: Cleanup): Promise<boolean> {
  const servers = await startReachServers(cleanup);
  const agent = await startAgent(cleanup, servers, await writeClientSide(servers, false));
  cleanup.add(() => agent.call("ssh_close", { all: true, force: true }));
  let bad = 0;
  const rows = reachRows(megabytes);
  for (const row of rows) {
    const outcome = await playRow(agent, row);
    if (!outcome.asExpected || !outcome.inTime) bad += 1;
    process.stdout.write(`${line(outcome)}\n`);
  }
  process.stdout.write(`\n${rows.length - bad} of ${rows.length} as expected, each within its time limit\n`);
  return bad === 0;
}

const cleanup = new Cleanup();
if (canMakeUsers) {
  try {
    process.exitCode = (await play(cleanup)) ? 0 : 1;
  } finally {
    await cleanup.run();
  }
} else {
  process.stderr.write("The hosts need users of their own, which only root can make.\n");
  process.exitCode = 2;
}
