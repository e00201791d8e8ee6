import type { Cleanup } from "../helpers/cleanup.ts";

/** What the person who starts the benchmark can choose. */
export interface BenchOptions {
  /** How often each small thing is timed; what takes longer is timed a share of that. */
  readonly rounds: number;
  /** Idle sessions to open. */
  readonly sessions: number;
}

/** One part of the benchmark: measures, prints its table, and tells whether its goals were reached. What it adds to `cleanup` is undone after it. */
export type Section = (cleanup: Cleanup, options: BenchOptions) => Promise<boolean>;
