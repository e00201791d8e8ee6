import { HoldfastError, delay, jitter, monotonicMs } from "../base/index.ts";

/** Attempts in all, and the pause before the second one; the pauses grow. */
const attempts = 4;
const firstPauseMs = 200;

/** No attempt begins later than this after the first one: whoever calls can wait longer by calling again. */
const patienceMs = 30_000;

/**
 * Does what may be done twice: while a connection that was there is lost on the way it is tried again, a few times and not for long; every other
 * failure is told at once. So is a connection that could not be made: it has had the attempts that its target allows (`retryTransient`).
 */
export async function patiently<T>(work: () => Promise<T>): Promise<T> {
  const deadline = monotonicMs() + patienceMs;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (attempt >= attempts || monotonicMs() >= deadline || !mayPass(error)) throw error;
    }
    await delay(firstPauseMs * attempt * jitter(0.3));
  }
}

function mayPass(error: unknown): boolean {
  return error instanceof HoldfastError && error.code === "connection_lost" && error.details["attempts"] === undefined;
}
