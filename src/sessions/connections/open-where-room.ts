import { delay, jitter, monotonicMs } from "../../base/index.ts";
import type { SshConnection } from "../../ssh/index.ts";

/** Before another connection is asked for: whoever else found this one full asks, too, and one of them makes the next one. */
const pauseMs = 50;

/** When there was no room for so long, what is to be opened waits for a place of its connection, which is a matter of luck. */
const patienceMs = 20_000;

interface Opening<T> {
  readonly dial: () => Promise<SshConnection>;
  /** Takes a channel for long, and does so before it awaits anything. */
  readonly open: (connection: SshConnection) => Promise<T>;
  /** A channel of the connection that `dial` gave is taken already. */
  readonly hasPlace?: () => boolean;
}

/**
 * Opens what holds a channel for long where one is free. Of those who ask at the same time, all are given the same connection, as none has taken a
 * channel yet: those who come too late for that would wait for the others to end. Rejects as `dial` and `open` do.
 */
export async function openWhereRoom<T>({ dial, open, hasPlace }: Opening<T>): Promise<T> {
  const since = monotonicMs();
  for (;;) {
    const connection = await dial();
    const waits = connection.freeChannels === 0 && !connection.closed && hasPlace?.() !== true;
    if (!waits || monotonicMs() - since > patienceMs) return open(connection);
    await delay(pauseMs * jitter(0.5));
  }
}
