import { delay, monotonicMs } from "../../src/base/index.ts";
import type { Holdfast } from "../helpers/holdfast.ts";
import type { Contender } from "./contenders.ts";
import { runRace } from "./race.ts";
import { openSession, placeFor, startHost, startServer } from "./scene.ts";
import type { Section } from "./section.ts";
import { printTable } from "./table.ts";

/** Promised of a look at a screen that has not changed, in milliseconds. */
const promisedLookMs = 2;

/** Promised of other calls while a terminal prints at this rate, for 99 of 100. */
const promisedCallMs = 20;
const promisedRate = 10;

const size = { pty: true, cols: 200, rows: 50, background: true };

/** A full screen with colours, which then stands still. */
const still =
  'i=0; while [ $i -lt 49 ]; do i=$((i+1)); printf "\\033[3%dm%-199s\\033[0m\\n" $((i%8)) "row $i of a screen that stands still"; done; sleep 3600';

/** 100,000 bytes of coloured lines, again and again, a hundred times a second where the machine can. */
const busy =
  'f=$(mktemp); i=0; while [ $i -lt 800 ]; do i=$((i+1)); printf "\\033[3%dm%-114d\\033[0m\\n" $((i%8)) $i; done >$f; while :; do cat $f; sleep 0.004; done';

/** How long other calls are made meanwhile. */
const busyMs = 10_000;

/** Screens of terminals: a look at one, and others' calls while one prints without end. */
export const screen: Section = async (cleanup, { rounds }) => {
  const host = await startHost(cleanup);
  const server = await startServer(cleanup, await placeFor(cleanup, host), true);
  await openSession(server, host, "still");
  await openSession(server, host, "busy");
  const look = await lookAt(server, "still", still);
  const list: Contender = {
    name: "ssh_list: a call without work",
    once: async () => void (await server.call("ssh_list", {})),
  };
  const looks = await runRace(
    { title: "screen: a look at 200 x 50 characters that have not changed, through MCP", unit: list, rounds },
    [
      {
        contender: look,
        goal: (medianMs) => ({ text: `≤ ${promisedLookMs} ms`, holds: medianMs <= promisedLookMs }),
      },
      { contender: list },
    ],
  );
  return (await meanwhile(server)) && looks;
};

async function lookAt(server: Holdfast, session: string, command: string): Promise<Contender> {
  const { text } = await server.run(session, command, size);
  const id = /\b\w+\/\d+\b/.exec(text)?.[0];
  await delay(2_000);
  return {
    name: `ssh_read screen, ${session}`,
    once: async () => {
      const reply = await server.call("ssh_read", { command: id, stream: "screen", wait_s: 0 });
      const shown = session === "still" ? "row 20 of" : "\n";
      if (!reply.text.includes(shown)) throw new Error(`unexpected reply: ${reply.text}`);
    },
  };
}

/** Other calls while a terminal prints and is looked at every half second. */
async function meanwhile(server: Holdfast): Promise<boolean> {
  const look = await lookAt(server, "busy", busy);
  const sizeNow = async (): Promise<number> => {
    const { text } = await server.call("ssh_read", { command: "busy/1", tail: 1, wait_s: 0 });
    return Number(/"from":(\d+)/.exec(text)?.[1] ?? Number.NaN);
  };
  const startedMs = monotonicMs();
  const before = await sizeNow();
  const looking = (async () => {
    while (monotonicMs() - startedMs < busyMs) {
      await look.once();
      await delay(500);
    }
  })();
  const tookMs: number[] = [];
  while (monotonicMs() - startedMs < busyMs) {
    const callMs = monotonicMs();
    await server.call("ssh_list", {});
    tookMs.push(monotonicMs() - callMs);
    await delay(5);
  }
  await looking;
  const rate = ((await sizeNow()) - before) / 1_000 / (monotonicMs() - startedMs);
  const sorted = tookMs.toSorted((one, other) => one - other);
  const [median = Number.NaN, p99 = Number.NaN] = [0.5, 0.99].map((share) => sorted[Math.floor(sorted.length * share)]);
  return printTable(
    `screen: ${sorted.length} calls while a terminal prints`,
    ["median ms", "p99 ms", "MB/s"],
    [
      {
        name: "ssh_list",
        figures: [median.toFixed(2), p99.toFixed(2), rate.toFixed(1)],
        goal: {
          text: `99 of 100 ≤ ${promisedCallMs} ms at ≥ ${promisedRate} MB/s`,
          holds: p99 <= promisedCallMs && rate >= promisedRate,
        },
      },
    ],
  );
}
