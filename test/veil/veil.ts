// Plays the suites that drive the built server with `hide_addresses`, and looks for addresses and users in all that left: npm run veil [-- file ...]
import process from "node:process";
import { canMakeUsers } from "../helpers/servers/index.ts";
import { playVeil } from "./play-veil.ts";
import { veiledSuites } from "./suites.ts";

const words = process.argv.slice(2);
const suites = words.length === 0 ? veiledSuites : words;
if (canMakeUsers) {
  const report = await playVeil(suites, { hide: true });
  process.stdout.write(`${report.output}\n`);
  for (const { stream, around } of report.leaks) process.stdout.write(`✘ ${stream}: …${JSON.stringify(around)}…\n`);
  const found =
    report.leaks.length === 0 ? "no address and no user" : `addresses or users in ${report.leaks.length} of them`;
  process.stdout.write(`${report.streams} streams and logs, ${report.bytes} bytes: ${found}\n`);
  process.exitCode = report.passed && report.leaks.length === 0 && report.streams > 0 ? 0 : 1;
} else {
  process.stderr.write("The suites log in as a user of their own, whom only root can make.\n");
  process.exitCode = 2;
}
