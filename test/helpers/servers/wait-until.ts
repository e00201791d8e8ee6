import { delay, monotonicMs } from "../../../src/base/index.ts";

/** Polls `condition` until it holds; rejects with `what` in the message after `limitMs` (default 20 s: a slow machine is no failure). */
export async function waitUntil(
  what: string,
  condition: () => boolean | Promise<boolean>,
  limitMs = 20_000,
): Promise<void> {
  const deadline = monotonicMs() + limitMs;
  while (!(await condition())) {
    if (monotonicMs() > deadline) throw new Error(`${what}: not within ${limitMs} ms`);
    await delay(10);
  }
}
