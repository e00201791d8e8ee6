import { HoldfastError, delay, jitter } from "../../base/index.ts";
import type { ConnectPlan } from "../../ssh/index.ts";

/** The longest pause between two attempts. */
const longestPauseMs = 10_000;

/** Whether the failure of a connection may pass within seconds: docs/connecting.md has the table. */
export function isTransient(error: unknown): boolean {
  return error instanceof HoldfastError && error.details["transient"] === 1;
}

/**
 * Makes an attempt, and further ones with growing pauses while it fails in a way that may pass; every other failure is told at once, and
 * every one once `state` is final. When all attempts were made the error has their number in its details (`attempts`): nobody is to begin anew.
 */
export async function retryTransient<T>(
  { retries = 0, retryDelayMs = 0 }: Pick<ConnectPlan, "retries" | "retryDelayMs">,
  state: { readonly final: boolean },
  attempt: () => Promise<T>,
): Promise<T> {
  for (let made = 1; ; made += 1) {
    try {
      return await attempt();
    } catch (error) {
      if (state.final || !isTransient(error)) throw error;
      if (made > retries) throw afterAll(error, made);
    }
    await delay(Math.min(retryDelayMs * 2 ** (made - 1), longestPauseMs) * jitter(0.3));
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
