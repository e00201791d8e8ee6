import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startFixtureServer } from "./fixture-server.ts";
import { revisions, runRequirements } from "./run-suite.ts";

/** `npm run conformance`: the official suite, in both eras, against a fixture on the product's HTTP layer. Fails as the suite does. */
const results = await mkdtemp(join(tmpdir(), "holdfast-conformance-"));
const server = await startFixtureServer();
try {
  for (const revision of revisions) {
    const { code, output } = await runRequirements(server.url, revision, results);
    const verdict = code === 0 ? "passed" : `failed (exit code ${code})`;
    process.stdout.write(`${output.slice(output.indexOf("=== SUMMARY"))}conformance ${revision}: ${verdict}\n\n`);
    if (code !== 0) process.exitCode = 1;
  }
} finally {
  await server.close();
  await rm(results, { recursive: true, force: true });
}
