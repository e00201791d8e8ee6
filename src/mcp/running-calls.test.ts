import { expect, it } from "vitest";
import { delay, monotonicMs } from "../base/index.ts";
import { cancelledByCaller, type ToolCall, type ToolHost } from "../tools/index.ts";
import { RunningCalls } from "./running-calls.ts";

/** A host whose calls end when their time is over, or answer `handed back` when they are told to. */
function host(workMs: number): ToolHost {
  return {
    list: () => [],
    call: async ({ signal }) => {
      await delay(workMs, signal);
      const text = !signal.aborted ? "done" : signal.reason === cancelledByCaller ? "cancelled" : "handed back";
      return { text, isError: false };
    },
  };
}

function call(signal: AbortSignal = new AbortController().signal): ToolCall {
  return { name: "any", args: {}, client: "test", signal };
}

it("waits for calls that end in time", async () => {
  const calls = new RunningCalls(host(100));
  const reply = calls.host.call(call());
  await calls.finish(60_000);
  expect(await reply).toMatchObject({ text: "done" });
});

it("has the others hand back, late ones at once", async () => {
  const calls = new RunningCalls(host(600_000));
  const reply = calls.host.call(call());
  await calls.finish(20);
  expect(await reply).toMatchObject({ text: "handed back" });
  expect(await calls.host.call(call())).toMatchObject({ text: "handed back" });
});

it("does not wait for ever", async () => {
  const calls = new RunningCalls({ list: () => [], call: () => new Promise(() => undefined) });
  void calls.host.call(call());
  const startedMs = monotonicMs();
  await calls.finish(10);
  expect(monotonicMs() - startedMs).toBeLessThan(30_000);
});

it("passes a cancellation on with its reason, also one that came before the call", async () => {
  const calls = new RunningCalls(host(600_000));
  const controller = new AbortController();
  const reply = calls.host.call(call(controller.signal));
  controller.abort(cancelledByCaller);
  expect(await reply).toMatchObject({ text: "cancelled" });
  expect(await calls.host.call(call(controller.signal))).toMatchObject({ text: "cancelled" });
});
