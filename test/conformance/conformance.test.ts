import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startFixtureServer, type FixtureServer } from "./fixture-server.ts";
import { revisions, runRequirements, runSuite } from "./run-suite.ts";

/** Fetching the suite, and a Node for it, over a slow line. */
const fetchLimitMs = 300_000;

describe("the official conformance suite", () => {
  let server: FixtureServer;
  let results: string;
  let available: boolean;
  beforeAll(async () => {
    // Comes from the registry of npm: the one test that needs more than this machine, and is left out without it.
    available = (await runSuite(["--version"])).code === 0;
    results = await mkdtemp(join(tmpdir(), "holdfast-conformance-"));
    server = await startFixtureServer();
  }, fetchLimitMs);
  afterAll(async () => {
    await server.close();
    await rm(results, { recursive: true, force: true });
  });

  it.for(revisions)("passes the requirements of %s", { timeout: fetchLimitMs }, async (revision, { skip }) => {
    if (!available) skip("the suite cannot be fetched");
    const { code, output } = await runRequirements(server.url, revision, results);
    expect(output).toMatch(/=== SUMMARY/);
    expect(code, output).toBe(0);
  });
});
