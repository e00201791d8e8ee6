import { monotonicMs } from "../../src/base/index.ts";
import type { Contender } from "./contenders.ts";

export interface Timing {
  readonly name: string;
  readonly medianMs: number;
  readonly p95Ms: number;
}

/** Rounds that are not counted: connections open, caches fill, code gets compiled. */
const warmUpRounds = 10;

/**
 * Times every contender once per round, in a different order each round, so that what else the machine does falls on all
 * of them alike. Results in the order of `contenders`.
 */
export async function timeInterleaved(contenders: readonly Contender[], rounds: number): Promise<readonly Timing[]> {
  const samples = contenders.map(() => [0].slice(1));
  for (let round = -warmUpRounds; round < rounds; round += 1) {
    for (let turn = 0; turn < contenders.length; turn += 1) {
      const index = (round + warmUpRounds + turn) % contenders.length;
      const startedMs = monotonicMs();
      await contenders[index]?.once();
      if (round >= 0) samples[index]?.push(monotonicMs() - startedMs);
      await contenders[index]?.tidy?.();
    }
  }
  return contenders.map(({ name }, index) => {
    const sorted = (samples[index] ?? []).toSorted((left, right) => left - right);
    return { name, medianMs: quantile(sorted, 0.5), p95Ms: quantile(sorted, 0.95) };
  });
}

function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
