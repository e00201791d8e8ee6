import { describe, expect, it } from "vitest";
import { canMakeUsers } from "../helpers/servers/index.ts";
import { veilAudit } from "../helpers/veil-audit.ts";
import { playVeil } from "./play-veil.ts";
import { shortSuites } from "./suites.ts";

// Not in an audit, which would begin another one.
describe.runIf(canMakeUsers && veilAudit === undefined)("hide_addresses under suites that know nothing of it", () => {
  it("lets no address and no user out, to a client or into a log; without it, they are found", async () => {
    const report = await playVeil(shortSuites, { hide: true });
    expect(report.passed, report.output).toBe(true);
    expect(report.streams).toBeGreaterThan(2);
    expect(report.leaks).toEqual([]);
    expect((await playVeil(shortSuites, { hide: false })).leaks).not.toEqual([]);
  });
});
