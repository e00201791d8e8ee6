import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";

/** The suite needs Node 22; where the tests run on an older one, it gets a newer one of its own. */
const nodeOfSuite = "node@24";
const oldestNode = 22;
const suite = "@modelcontextprotocol/conformance@0.2.0-alpha.12";
const packages = Number(process.versions.node.split(".")[0]) >= oldestNode ? [suite] : [nodeOfSuite, suite];

/** The revisions whose requirements are run: the current one, and the last with a handshake. */
export const revisions = ["2026-07-28", "2025-11-25"] as const;

/** How the suite ended, and all it printed. */
export interface SuiteOutcome {
  readonly code: number;
  readonly output: string;
}

/** Runs the official suite with these arguments; fetches it first where it is not in the cache of npm. */
export async function runSuite(args: readonly string[]): Promise<SuiteOutcome> {
  const child = spawn(
    "npx",
    [
      "--yes",
      "--prefer-offline",
      // The package `node` fetches its binary by a script, which this repository's settings forbid.
      "--ignore-scripts=false",
      ...packages.flatMap((one) => ["--package", one]),
      "--",
      "conformance",
      ...args,
    ],
    { stdio: ["ignore", "pipe", "pipe"] },
  );
  const [closed, output, errors] = await Promise.all([once(child, "close"), text(child.stdout), text(child.stderr)]);
  const code: unknown = closed[0];
  return { code: typeof code === "number" ? code : 1, output: output + errors };
}

/** Runs the requirements of a revision against a server; leaves the details in the directory `results`. */
export function runRequirements(url: string, revision: string, results: string): Promise<SuiteOutcome> {
  return runSuite(["server", "--url", url, "--requirements", revision, "-o", results]);
}
