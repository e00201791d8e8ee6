import { monotonicMs } from "../../src/base/index.ts";
import { ConnectionBook } from "../../src/sessions/connections/connection-book.ts";
import { gateHandshakes } from "../../src/sessions/connections/handshake-gate.ts";
import { createEngine, type ConnectPlan } from "../../src/ssh/index.ts";
import { listenHere } from "../helpers/listen-here.ts";
import type { TestServer } from "../helpers/servers/index.ts";
import { planFor } from "../ssh/plan.ts";
import type { Contender } from "./contenders.ts";
import { startHost } from "./scene.ts";
import type { Section } from "./section.ts";
import { printTable } from "./table.ts";
import { timeInterleaved } from "./timing.ts";

const hosts = 6;
const targetsPerHost = 30;
const deadTargets = 20;

/** Promised: the dead ones cost the living ones at most this. */
const promisedTimes = 2;

/** More than this many handshakes at once on one host, and its server drops one. */
const handshakesAtOnce = 4;

const rounds = 5;
const warmUpRounds = 1;

/** 200 targets at once, 20 of them dead: when are the living ones ready? */
export const crowd: Section = async (cleanup) => {
  const servers: TestServer[] = [];
  for (let number = 0; number < hosts; number += 1) {
    servers.push(await startHost(cleanup, [`MaxStartups ${handshakesAtOnce}:100:${handshakesAtOnce}`]));
  }
  const living = servers.flatMap((server) =>
    // Another passphrase is another login: no connection is shared.
    Array.from({ length: targetsPerHost }, (_, index) => planFor(server, { passphrase: `${index}`, retries: 0 })),
  );
  const [first] = servers;
  if (first === undefined) throw new Error("no host");
  const port = await listenHere(cleanup, () => undefined);
  const dead = Array.from({ length: deadTargets }, (_, index) => planFor(first, { port, passphrase: `${index}` }));
  const [without, all] = await timeInterleaved(
    [connecting("the living ones alone", living, []), connecting("with 20 silent ones", living, dead)],
    rounds,
    warmUpRounds,
  );
  if (without === undefined || all === undefined) throw new Error("nothing was measured");
  const ratio = all.medianMs / without.medianMs;
  const drops = servers.filter((server) => /MaxStartups|drop connection/i.test(server.log())).length;
  const figures = (ms: number): string[] => [(ms / 1000).toFixed(2), (ms / without.medianMs).toFixed(2)];
  return printTable(
    `crowd: ${living.length} living targets on ${hosts} hosts ready, ${rounds} rounds, interleaved`,
    ["median s", "ratio"],
    [
      { name: without.name, figures: figures(without.medianMs) },
      {
        name: all.name,
        figures: figures(all.medianMs),
        goal: { text: `≤ ${promisedTimes} ×`, holds: ratio <= promisedTimes },
      },
      {
        name: "servers that saw more than 4 handshakes at once",
        figures: [String(drops), ""],
        goal: { text: "none", holds: drops === 0 },
      },
    ],
  );
};

/** Connects to all at once, until the living ones are there. */
function connecting(name: string, living: readonly ConnectPlan[], dead: readonly ConnectPlan[]): Contender {
  let book: ConnectionBook | undefined;
  let giveUp: Promise<unknown> = Promise.resolve();
  return {
    name,
    once: async () => {
      const current = new ConnectionBook(gateHandshakes(createEngine()));
      book = current;
      giveUp = Promise.allSettled(dead.map((plan) => current.get({ ...plan, connectTimeoutMs: deadLimitMs })));
      await Promise.all(living.map((plan) => current.get(plan)));
    },
    tidy: async () => {
      const startedMs = monotonicMs();
      await book?.close();
      await giveUp;
      if (monotonicMs() - startedMs > tidyLimitMs) throw new Error("silent targets were not given up in time");
    },
  };
}

/** Longer than the living ones take; five turns of four. */
const deadLimitMs = 4_000;
const tidyLimitMs = 60_000;
