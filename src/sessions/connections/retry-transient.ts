import { HoldfastError, delay, jitter, monotonicMs } from "../../base/index.ts";
import type { ConnectPlan } from "../../ssh/index.ts";

/** The longest pause between two attempts. */
const longestPauseMs = 10_000;

/** The same where others are logging in: a login takes no longer. */
const longestCrowdedPauseMs = 2_000;

/** Whether the failure of a connection may pass within seconds: docs/connecting.md has the table. */
export function isTransient(error: unknown): boolean {
  return error instanceof HoldfastError && error.details["transient"] === 1;
}

/** Whether the server has said that it takes no more logins while so many others are under way. */
function isCrowded(error: unknown): boolean {
  return error instanceof HoldfastError && error.details["crowded"] === 1;
}

/**
 * Makes an attempt, and further ones with growing pauses while it fails in a way that may pass; every other failure is told at once, and
 * every one once `state` is final. A crowded server is tried for as long as a connection may take (`connectTimeoutMs`), however many attempts
 * that are, unless the plan wants none. When all attempts were made the error has their number in its details (`attempts`): nobody is to begin anew.
 */
export async function retryTransient<T>(
  {
    retries = 0,
    retryDelayMs = 0,
    connectTimeoutMs,
  }: Pick<ConnectPlan, "retries" | "retryDelayMs" | "connectTimeoutMs">,
  state: { readonly final: boolean },
  attempt: () => Promise<T>,
): Promise<T> {
  const deadline = monotonicMs() + connectTimeoutMs;
  for (let made = 1; ; made += 1) {
    let pauseMs = retryDelayMs * 2 ** (made - 1);
    try {
      return await attempt();
    } catch (error) {
      if (state.final || !isTransient(error)) throw error;
      const crowded = isCrowded(error);
      pauseMs = Math.min(pauseMs, crowded ? longestCrowdedPauseMs : longestPauseMs) * jitter(0.3);
      const inTime = crowded && retries > 0 && monotonicMs() + pauseMs < deadline;
      if (made > retries && !inTime) throw afterAll(error, made);
    }
    await delay(pauseMs);
  }
}

function afterAll(error: unknown, attempts: number): unknown {
  if (!(error instanceof HoldfastError)) return error;
  const { code, message, hint, details, cause } = error;
  return new HoldfastError(code, message, {
    ...(hint === undefined ? {} : { hint }),
    details: { ...details, attempts },
    cause,
  });
}
