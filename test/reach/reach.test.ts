import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Cleanup } from "../helpers/cleanup.ts";
import { canMakeUsers } from "../helpers/servers/index.ts";
import { startAgent } from "./agent.ts";
import { writeClientSide } from "./client-side.ts";
import { playRow, type Outcome } from "./play-reach.ts";
import { startReachServers } from "./reach-servers.ts";
import { reachRows } from "./rows.ts";

const rows = reachRows(5);

describe.runIf(canMakeUsers)("any host you can ssh to", () => {
  const cleanup = new Cleanup();
  const outcomes = new Map<string, Promise<Outcome>>();

  beforeAll(async () => {
    const servers = await startReachServers(cleanup);
    const agent = await startAgent(cleanup, servers, await writeClientSide(servers, false));
    cleanup.add(() => agent.call("ssh_close", { all: true, force: true }));
    // All at once: no host waits for another.
    for (const row of rows) outcomes.set(row.what, playRow(agent, row));
  });
  afterAll(() => cleanup.run());

  it.each(rows)("$alias: $what", async ({ what, expected }) => {
    expect((await outcomes.get(what))?.text).toMatch(expected);
  });
});
