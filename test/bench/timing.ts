import { monotonicMs } from "../../src/base/index.ts";
import { seededRandom } from "../chaos/random.ts";
import type { Contender } from "./contenders.ts";

export interface Timing {
  readonly name: string;
  readonly medianMs: number;
  readonly p95Ms: number;
}

/** Rounds that are not counted: connections open, caches fill, code gets compiled. */
const usualWarmUpRounds = 10;

/**
 * Times every contender once per round, in an order drawn for each round, so that what else the machine does, and what the
 * one before has left to do, falls on all of them alike. Results in the order of `contenders`.
 */
export async function timeInterleaved(
  contenders: readonly Contender[],
  rounds: number,
  warmUpRounds = usualWarmUpRounds,
): Promise<readonly Timing[]> {
  const samples = new Map(contenders.map((contender) => [contender, [0].slice(1)]));
  const random = seededRandom(1);
  for (let round = -warmUpRounds; round < rounds; round += 1) {
    const waiting = [...contenders];
    while (waiting.length > 0) {
      for (const contender of waiting.splice(random.between(0, waiting.length - 1), 1)) {
        const tookMs = await timeOnce(contender);
        if (round >= 0) samples.get(contender)?.push(tookMs);
      }
    }
  }
  return contenders.map((contender) => {
    const sorted = (samples.get(contender) ?? []).toSorted((left, right) => left - right);
    return { name: contender.name, medianMs: quantile(sorted, 0.5), p95Ms: quantile(sorted, 0.95) };
  });
}

async function timeOnce(contender: Contender): Promise<number> {
  await contender.prepare?.();
  const startedMs = monotonicMs();
  await contender.once();
  const tookMs = monotonicMs() - startedMs;
  await contender.tidy?.();
  return tookMs;
}

function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
