import { after } from "../../base/index.ts";
import type { HostCommand } from "./host-command.ts";

/** For so long a command is young: on a busy host it may only be about to begin. */
const youngMs = 1000;

/** When the signal is given again. */
const againAfterMs = [1000, 3000] as const;

/**
 * To be called when a signal that ends commands was sent to `command`: a young one is sent it again, by `send`, if it still runs then and has
 * printed nothing meanwhile. A server confirms a command before it runs, and a shell passes its own handlers on to what it starts until that
 * begins: what arrives between is taken by nobody.
 */
export function signalYoung(command: HostCommand, send: () => unknown): void {
  if (command.durationMs > youngMs) return;
  const printed = (): number => command.stdoutBytes + command.stderrBytes;
  const before = printed();
  for (const afterMs of againAfterMs) {
    after(afterMs, () => {
      if (command.life.running && printed() === before) send();
    });
  }
}
