import { monotonicMs } from "../../base/index.ts";
import type { FirstExec, SshConnection } from "../../ssh/index.ts";

/** So long a connection is given again without asking ssh_config anew, which takes 10 ms: somebody who has just changed that waits no longer for it. */
const goodForMs = 5_000;

/** One for whoever asks, and one to spare. */
const channels = 2;

type Dial = (first?: FirstExec) => Promise<SshConnection>;

/** `dial`, but the connection that it gave in the last seconds where that is open and has channels to spare. */
export function givenBefore(dial: Dial): Dial {
  let last: { readonly connection: SshConnection; readonly atMs: number } | undefined;
  return async (first) => {
    const fresh = last !== undefined && monotonicMs() - last.atMs < goodForMs ? last.connection : undefined;
    if (first === undefined && fresh?.closed === false && fresh.freeChannels >= channels) return fresh;
    const connection = await dial(first);
    last = { connection, atMs: monotonicMs() };
    return connection;
  };
}
