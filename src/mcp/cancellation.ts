import { cancelledByCaller } from "../tools/index.ts";

/** Reason of an abort by a client that is gone or has run out of time: its command goes on. */
const callerGone = Symbol("caller gone");

/** The same, of a call that has asked its client something and waits for it no longer. */
export const askedInVain = Symbol("asked in vain");

/** Turns the SDK's abort into ours: only a `notifications/cancelled` with a reason of its own, or none, is a cancellation; a time limit or a closed connection is not. */
export function callSignal(requestSignal: AbortSignal): AbortSignal {
  const call = new AbortController();
  const onAbort = (): void => {
    call.abort(isExplicit(requestSignal.reason) ? cancelledByCaller : callerGone);
  };
  // A cancellation can arrive before anyone listens: the state counts, not the event alone.
  if (requestSignal.aborted) onAbort();
  else requestSignal.addEventListener("abort", onAbort, { once: true });
  return call.signal;
}

/** The reason is a string when it came with the notification, and an error object of the SDK when the connection closed. */
function isExplicit(reason: unknown): boolean {
  if (typeof reason === "string") return !/timed? ?-?out/i.test(reason);
  return reason === undefined || (reason instanceof Error && reason.name === "AbortError");
}
