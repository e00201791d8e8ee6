import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { HostCommand } from "./host-command.ts";
import { signalYoung } from "./signal-young.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const controls = {
  fetch: () => Promise.resolve(Buffer.alloc(0)),
  input: () => Promise.resolve(),
  eof: () => Promise.resolve(),
  stop: () => Promise.resolve(),
  watch: () => () => undefined,
  waitsForInput: () => Promise.resolve(false),
};

/** A command that began so long ago. */
function command(agoMs: number): HostCommand {
  const startedAtMs = Date.now() - agoMs;
  return new HostCommand({ session: "s", number: 1, text: "", epoch: "own", startedAtMs, stdinGiven: true }, controls);
}

it("gives a signal again to a command that had just begun and goes on without a word", () => {
  const send = vi.fn();
  signalYoung(command(20), send);
  expect(send).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1_000);
  expect(send).toHaveBeenCalledTimes(1);
  vi.advanceTimersByTime(60_000);
  expect(send).toHaveBeenCalledTimes(2);
});

it("gives it once to one that ran before, that answers it, or that ends of it", () => {
  const send = vi.fn();
  signalYoung(command(1_500), send);
  const answering = command(20);
  signalYoung(answering, send);
  answering.output("stderr", Buffer.from("cleaning up\n"));
  const ending = command(20);
  signalYoung(ending, send);
  ending.lost("gone");
  vi.advanceTimersByTime(60_000);
  expect(send).not.toHaveBeenCalled();
});
