import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Cleanup } from "../helpers/cleanup.ts";
import type { TestServer } from "../helpers/servers/index.ts";
import { startEmulated } from "./emulated.ts";
import { startFrr, type FrrHosts } from "./frr.ts";
import {
  bgpRouter,
  byLink,
  dummyInterface,
  links,
  openDevice,
  routerSteps,
  runOn,
  runTrial,
  watcherSteps,
} from "./trials.ts";

/** `npm run devices` plays all of it. */
const full = process.env["HOLDFAST_DEVICES"] === "full";

const cleanup = new Cleanup();
afterAll(() => cleanup.run());

/** A trial in full may take that long on a slow machine. */
const limitMs = full ? 3_600_000 : 120_000;

describe("where output ends, and which mode a device is in", () => {
  let frr: FrrHosts;
  beforeAll(async () => {
    frr = await startFrr(cleanup);
  });

  const targets = [
    { name: "vtysh", count: full ? 167 : 6 },
    { name: "vtyshUser", count: full ? 167 : 6 },
    { name: "zebra", count: full ? 167 : 6 },
    { name: "bgpd", count: full ? 167 : 6 },
  ] as const;

  it.each(targets)("is never wrong on $name, near or far", { timeout: limitMs }, async ({ name, count }) => {
    const host: TestServer = name === "bgpd" ? await frr.bgpd() : frr[name];
    const { linePassword: password, enablePassword } = frr;
    const trials = links.map(async (link) => {
      const daemon = name === "zebra" || name === "bgpd";
      const about = daemon ? { password, enablePassword } : {};
      const session = await openDevice(cleanup, await byLink(cleanup, host, link), { platform: "frr_vtysh", ...about });
      const version = await runOn(session, "show version");
      expect(version.output).toMatch(/^FRRouting \d[^]*PYTHON=python3'\n$/);
      const watches = name === "vtyshUser";
      const all = await runOn(session, watches ? "show interface brief" : "show running-config");
      const last =
        name === "bgpd" ? /10\.0\.1\.40 remote-as 65139\n[^]*end\n$/ : /dummy39\n description link 39\n[^]*end\n$/;
      expect(all.output).toMatch(watches ? /^Interface [^]* up / : last);
      const told = [all.prompt.slice(0, -1), version.output, all.output] as const;
      const place = name === "bgpd" ? bgpRouter : dummyInterface;
      const steps = watches ? watcherSteps(...told) : routerSteps(...told, place);
      const wrong = await runTrial(session, steps, count);
      return wrong.map((one) => `${link.name}: ${one}`);
    });
    expect((await Promise.all(trials)).flat()).toEqual([]);
  });

  it(
    "is never wrong on a device that prints prompts, pauses behind them and logs in between",
    { timeout: limitMs },
    async () => {
      const wrong = await Promise.all(
        Array.from({ length: full ? 8 : 2 }, async (_, seed) => {
          const device = await startEmulated(cleanup, {
            family: "ios",
            host: "sw1",
            hostile: true,
            noise: 0.1,
            chunk: 120,
            pause_ms: full && seed % 2 === 1 ? [0, 400] : [0, 50],
            seed,
          });
          const session = await openDevice(cleanup, device.host.sshConfigFile, { platform: "cisco_ios" });
          const faults: string[] = [];
          for (let at = 0; at < (full ? 125 : 6); at += 1) {
            const tag = `t${seed}x${at}`;
            const { state, prompt, output } = await runOn(session, `show lines 12 ${tag}`);
            const printed = output
              .replace(/^\n\*Mar [^\n]*\nsw1>\n/, "")
              .split("\n")
              .slice(0, -1);
            const right = printed.filter(
              (line, number) => !line.startsWith("t") || line === `${tag} ${String(number).padStart(5, "0")}`,
            );
            const whole = printed.length === 12 && right.length === 12;
            if (state !== "done" || prompt !== "sw1>" || !whole) {
              faults.push(`${tag}: ${state} ${prompt} ${JSON.stringify(output)}`);
            }
          }
          return faults;
        }),
      );
      expect(wrong.flat()).toEqual([]);
    },
  );
});
