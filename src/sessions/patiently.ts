import { asHoldfastError, delay, jitter } from "../base/index.ts";

/** Attempts in all, and the pause before the second one; the pauses grow. */
const attempts = 4;
const firstPauseMs = 200;

/** Does what may be done twice: while the connection is lost on the way it is tried again, a few times; every other failure is told at once. */
export async function patiently<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (attempt >= attempts || asHoldfastError(error).code !== "connection_lost") throw error;
    }
    await delay(firstPauseMs * attempt * jitter(0.3));
  }
}
