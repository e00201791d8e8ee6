/** Reason of an abort that a person or agent asked for: the command is to be interrupted (Ctrl+C). */
export const cancelledByCaller = Symbol("cancelled by caller");

/** What an aborted call means for the command it waits for: `interrupt` only when the caller said so; a lost caller or its time limit means `detach`. */
export function cancelIntent(signal: AbortSignal): "none" | "interrupt" | "detach" {
  if (!signal.aborted) return "none";
  return signal.reason === cancelledByCaller ? "interrupt" : "detach";
}
