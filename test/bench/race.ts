import type { Contender } from "./contenders.ts";
import { printTable, type Goal, type Row } from "./table.ts";
import { timeInterleaved } from "./timing.ts";

/** The median of a contender of the same race, in milliseconds. */
export type MedianOf = (contender: Contender) => number;

/** A contender, and what was promised of it. */
export interface Entry {
  readonly contender: Contender;
  readonly goal?: (medianMs: number, medianOf: MedianOf) => Goal;
}

interface Race {
  readonly title: string;
  /** Whose median counts as 1. */
  readonly unit: Contender;
  readonly rounds: number;
  readonly warmUpRounds?: number;
}

/** Times all in turn, prints the table, and tells whether all goals were reached. */
export async function runRace(race: Race, entries: readonly Entry[]): Promise<boolean> {
  const contenders = entries.map(({ contender }) => contender);
  const timings = await timeInterleaved(contenders, race.rounds, race.warmUpRounds);
  const medianOf: MedianOf = (contender) => timings[contenders.indexOf(contender)]?.medianMs ?? Number.NaN;
  const unitMs = medianOf(race.unit);
  const rows = entries.flatMap(({ goal }, index): Row[] => {
    const timing = timings[index];
    if (timing === undefined) return [];
    const { name, medianMs, p95Ms } = timing;
    const figures = [medianMs.toFixed(2), p95Ms.toFixed(2), (medianMs / unitMs).toFixed(2)];
    return [{ name, figures, ...(goal === undefined ? {} : { goal: goal(medianMs, medianOf) }) }];
  });
  return printTable(`${race.title}; ${race.rounds} rounds, interleaved`, ["median ms", "p95 ms", "ratio"], rows);
}
