import { expect, test } from "vitest";
import { jitter } from "../../src/base/index.ts";
import { faults as allFaults, playRound, type Fault } from "./survival-round.ts";

/** Rounds of each fault. `npm run test:survival -- --rounds 20` sets it. */
const rounds = Number(process.env["HOLDFAST_SURVIVAL_ROUNDS"] ?? "2");

/** A part of a fault's name: only such faults are played. For working on one of them. */
const only = process.env["HOLDFAST_SURVIVAL_ONLY"] ?? "";
const faults = allFaults.filter((fault) => fault.includes(only));

/** Rounds played at once: each is mostly waiting, but all their commands print on one machine. */
const atOnce = 8;

/** One round takes about half a minute, on a slow machine twice that. */
const roundLimitMs = 120_000;

/** A moment in the command's life: after the start, and early enough for a silent connection to be noticed before its end. */
function moment(fault: Fault, round: number): number {
  const latest = fault === "black hole for good, new connections work" ? 5_000 : 14_000;
  return (latest * (round + 1)) / rounds / jitter(0.3);
}

test(
  `${String(rounds)} rounds of each fault: every line once, the right status, soon after the end`,
  { timeout: roundLimitMs * Math.ceil((rounds * faults.length) / atOnce + 1), retry: 0 },
  async () => {
    const waiting = Array.from({ length: rounds }, (_, round) => faults.map((fault) => ({ fault, round }))).flat();
    const results = new Map<Fault, string[]>(faults.map((fault) => [fault, []]));
    const lane = async (): Promise<void> => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        const wrong = await playRound(next.fault, moment(next.fault, next.round)).catch(
          (error: unknown) => `threw ${String(error)}`,
        );
        results.get(next.fault)?.push(wrong ?? "right");
      }
    };
    await Promise.all(Array.from({ length: atOnce }, lane));
    for (const [fault, outcomes] of results) {
      process.stdout.write(
        `${fault}: ${String(outcomes.filter((outcome) => outcome === "right").length)} of ${String(outcomes.length)} rounds right\n`,
      );
    }
    const wrong = [...results].flatMap(([fault, outcomes]) =>
      outcomes.filter((outcome) => outcome !== "right").map((outcome) => `${fault}: ${outcome}`),
    );
    expect(wrong).toEqual([]);
  },
);
