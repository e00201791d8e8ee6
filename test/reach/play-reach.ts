import { messageOf, monotonicMs } from "../../src/base/index.ts";
import type { Agent } from "./agent.ts";
import type { Row } from "./rows.ts";

export interface Outcome {
  readonly row: Row;
  readonly text: string;
  readonly tookMs: number;
  readonly asExpected: boolean;
}

/** Plays one row; never rejects. */
export async function playRow(agent: Agent, row: Row): Promise<Outcome> {
  const startedMs = monotonicMs();
  const text = await row.reach(agent).catch((error: unknown) => `no reply: ${messageOf(error)}`);
  return { row, text, tookMs: monotonicMs() - startedMs, asExpected: row.expected.test(text) };
}
