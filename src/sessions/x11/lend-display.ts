import { HoldfastError, randomHex } from "../../base/index.ts";
import type { ExecOptions, RemoteForward, SshConnection, X11Forward } from "../../ssh/index.ts";

/** Displays of the host that are ours to choose where ssh does not do it: far from those of its own servers and of sshd, which begins at 10. */
const firstNumber = 600;
const numbers = 400;

/** One that is taken is not taken again. */
const attempts = 3;

/** X servers listen at this port and their number. */
const firstPort = 6000;

/** A display, as something on a channel of the host gets at it. */
export interface LentDisplay {
  /** For the channel. */
  readonly options: Pick<ExecOptions, "x11">;
  /** Its name there; "": the channel brings it. */
  readonly name: string;
  close(): Promise<void>;
}

/** Makes a display reachable on a host: by the channel itself, or where the connection cannot do that, by a port that it forwards. Rejects as `forwardIn`. */
export async function lendDisplay(connection: SshConnection, forward: X11Forward): Promise<LentDisplay> {
  if (connection.carriesX11) return { options: { x11: forward }, name: "", close: () => Promise.resolve() };
  let failure: unknown;
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const number = firstNumber + (Number.parseInt(randomHex(4), 16) % numbers);
    try {
      const listening = await listen(connection, number, forward);
      return { options: {}, name: `127.0.0.1:${number}.${forward.screen}`, close: () => cease(listening) };
    } catch (error) {
      failure = error;
      if (!(error instanceof HoldfastError) || error.code !== "forward_refused") break;
    }
  }
  throw failure;
}

function listen(connection: SshConnection, number: number, forward: X11Forward): Promise<RemoteForward> {
  return connection.forwardIn({ host: "127.0.0.1", port: firstPort + number }, (offer) => {
    if (forward.closed) offer.refuse();
    else forward.meet(offer.accept());
  });
}

async function cease(listening: RemoteForward): Promise<void> {
  await listening.close();
}
