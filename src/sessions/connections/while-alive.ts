import { monotonicMs, timeIsUp, withDeadline } from "../../base/index.ts";
import type { SshConnection } from "../../ssh/index.ts";

/** Silence after which the server is asked for a sign of life, and how long it may take: slow rc files are silent, too. */
const quietMs = 3000;
const answerMs = 4000;

/**
 * The outcome of `work` over `connection`, or `timeIsUp` after `limitMs`. A connection that shows no sign of life meanwhile is closed, which
 * ends the work with `connection_lost` long before a keepalive would.
 */
export async function whileAlive<T>(
  connection: SshConnection,
  work: Promise<T>,
  limitMs: number,
): Promise<T | typeof timeIsUp> {
  const deadline = monotonicMs() + limitMs;
  for (;;) {
    const outcome = await withDeadline(work, Math.min(quietMs, deadline - monotonicMs()));
    if (outcome !== timeIsUp || monotonicMs() >= deadline) return outcome;
    if (!connection.closed && !(await connection.alive(answerMs))) await connection.close();
  }
}
