import { expect, it } from "vitest";
import { cancelledByCaller } from "../tools/index.ts";
import { callSignal } from "./cancellation.ts";

it.each([
  ["user pressed esc", true],
  [undefined, true],
  ["SdkError: Request timed out", false],
  ["timeout", false],
  [new Error("CONNECTION_CLOSED"), false],
])("an abort with reason %s is a cancellation: %s", (reason, expected) => {
  const before = new AbortController();
  before.abort(reason);
  expect(callSignal(before.signal).reason === cancelledByCaller).toBe(expected);
  const later = new AbortController();
  const signal = callSignal(later.signal);
  expect(signal.aborted).toBe(false);
  later.abort(reason);
  expect(signal.aborted).toBe(true);
  expect(signal.reason === cancelledByCaller).toBe(expected);
});
