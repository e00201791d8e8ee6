import { messageOf, monotonicMs } from "../../src/base/index.ts";
import type { Agent } from "./agent.ts";
import type { Row } from "./rows.ts";

export interface Outcome {
  readonly row: Row;
  readonly text: string;
  readonly tookMs: number;
  readonly asExpected: boolean;
  /** Whether the reply came within the row's limit: for a machine that does nothing else. */
  readonly inTime: boolean;
}

/** Plays one row; never rejects. */
export async function playRow(agent: Agent, row: Row): Promise<Outcome> {
  const startedMs = monotonicMs();
  const text = await row.reach(agent).catch((error: unknown) => `no reply: ${messageOf(error)}`);
  const tookMs = monotonicMs() - startedMs;
  return { row, text, tookMs, asExpected: row.expected.test(text), inTime: tookMs <= row.limitMs };
}
