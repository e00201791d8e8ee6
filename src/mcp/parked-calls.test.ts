import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { ParkedCalls, type Leg } from "./parked-calls.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it("keeps nothing of a call that has its reply", async () => {
  const reply = { text: "exit 0", isError: false };
  const parked = new ParkedCalls({ list: () => [], call: () => Promise.resolve(reply) });
  const leg: Leg = {
    call: { name: "ssh_run", args: {}, client: "test 1" },
    signal: new AbortController().signal,
    progress: undefined,
    ways: { form: true, url: true },
    state: undefined,
    answers: {},
  };
  expect(await parked.serve(leg)).toBe(reply);
  // A timer that is still set would hold the call and its reply until it goes off.
  expect(vi.getTimerCount()).toBe(0);
});
