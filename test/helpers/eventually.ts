import { delay, monotonicMs } from "../../src/base/index.ts";

/** Between two looks at a condition. */
const lookEveryMs = 25;

/** The first value of `look` that is not undefined; throws with `what` when none came within `limitMs`. */
export async function eventually<T>(
  what: string,
  limitMs: number,
  look: () => Promise<T | undefined> | T | undefined,
): Promise<T> {
  const deadline = monotonicMs() + limitMs;
  for (;;) {
    const value = await look();
    if (value !== undefined) return value;
    if (monotonicMs() > deadline) throw new Error(`not within ${String(limitMs)} ms: ${what}`);
    await delay(lookEveryMs);
  }
}
