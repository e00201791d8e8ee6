import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { delay, timeIsUp, withDeadline } from "../../src/base/index.ts";
import { createSsh2Engine, type SshConnection } from "../../src/ssh/index.ts";
import { collect } from "../../src/ssh/channel-outcome.conformance.ts";
import { startDropbear, startOpenSsh, type TestServer } from "../helpers/servers/index.ts";
import { planFor } from "./plan.ts";

/** One of a connection that was closed just now may be gone. */
function killIfThere(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It ended by itself.
  }
}

/** Connections of one test: each dies at another moment of its requests. */
const rounds = 20;

/** Far above what hearing of a dead connection takes. */
const settleLimitMs = 10_000;

/** Runs a command to its end; resolves also when that is an error. */
async function settled(connection: SshConnection): Promise<string> {
  const { listener, outcome } = collect();
  try {
    await connection.exec("true", listener);
    return (await outcome).end.kind;
  } catch {
    return "refused";
  }
}

describe.each([
  ["OpenSSH", startOpenSsh],
  ["dropbear", startDropbear],
] as const)("a connection to %s whose server process dies", (_name, start) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await start({});
  });
  afterAll(() => server.stop());

  it("leaves no request without an outcome, neither those that are under way nor those that come after", async () => {
    const engine = createSsh2Engine();
    for (let round = 0; round < rounds; round += 1) {
      const connection = await engine.connect(planFor(server));
      await settled(connection);
      const asked = [settled(connection)];
      const killing = (async () => {
        await delay(round % 5);
        for (const pid of server.connections()) killIfThere(pid);
      })();
      for (let more = 0; more < 6; more += 1) {
        await delay(1);
        asked.push(settled(connection));
      }
      await killing;
      const outcomes = await withDeadline(Promise.all(asked), settleLimitMs);
      expect(outcomes, `round ${round}`).not.toBe(timeIsUp);
      expect(await withDeadline(settled(connection), settleLimitMs)).toMatch(/^(?:refused|lost)$/);
      await connection.close();
    }
  });
});
