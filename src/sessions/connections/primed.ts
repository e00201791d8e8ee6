import { withDeadline } from "../../base/index.ts";
import type { SshConnection } from "../../ssh/index.ts";

/** The command takes a round trip or two; a host where it takes longer is not waited for. */
const primeMs = 3_000;

const connections = new WeakMap<SshConnection, Promise<unknown>>();

/**
 * Resolves when a first command ran on the connection, whatever became of it; never rejects. OpenSSH turns Nagle's delay (40 ms for each
 * small packet) off when the first session starts, and one that carries forwarded streams alone would keep it.
 */
export async function primed(connection: SshConnection): Promise<void> {
  const begun = connections.get(connection) ?? withDeadline(runTrue(connection), primeMs);
  connections.set(connection, begun);
  await begun;
}

function runTrue(connection: SshConnection): Promise<void> {
  return new Promise((resolve) => {
    const listener = {
      onStdout: () => undefined,
      onStderr: () => undefined,
      onEnd: () => {
        resolve();
      },
    };
    connection.exec("true", listener).catch(() => {
      resolve();
    });
  });
}
