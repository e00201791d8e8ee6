import { afterAll, expect, it } from "vitest";
import { delay } from "../../src/base/index.ts";
import { Cleanup } from "../helpers/cleanup.ts";
import { startEmulated } from "./emulated.ts";
import { openDevice } from "./trials.ts";

/** `npm run devices` plays more. */
const rounds = process.env["HOLDFAST_DEVICES"] === "full" ? 60 : 4;

const cleanup = new Cleanup();
afterAll(() => cleanup.run());

it(
  "mixes nothing within a line when a person types while a command runs",
  { timeout: 60_000 + rounds * 10_000 },
  async () => {
    const { host, typed } = await startEmulated(cleanup, { family: "ios", host: "sw1", pause_ms: [0, 20], chunk: 40 });
    const session = await openDevice(cleanup, host.sshConfigFile, { platform: "cisco_ios" });
    const line = await session.watchLine({ columns: 80, rows: 24 });
    const before = typed().length;
    const expected: string[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const run = await session.run({ command: `show lines 2 a${round}\nshow lines 2 b${round}` });
      await delay(round * 7);
      await line?.input(`show lines 1 p`);
      await delay(round * 11);
      await line?.input(`${round}\r`);
      await run.ended(60_000);
      const all = run.state.kind === "done";
      if (!all) {
        const reason = expect.stringMatching(/^line 1 of 2: a person has taken/);
        expect(run.state).toEqual({ kind: "error", reason });
      }
      expected.push(`show lines 2 a${round}`, ...(all ? [`show lines 2 b${round}`] : []), `show lines 1 p${round}`);
    }
    const last = await session.run({ command: "show version" });
    await last.ended(60_000);
    expect(last.state).toEqual({ kind: "done" });
    expected.push("show version");
    const lines = typed()
      .slice(before)
      .filter((one) => !/^![0-9a-f]{9}$/.test(one));
    expect(lines.toSorted()).toEqual(expected.toSorted());
  },
);
