import type { Duplex } from "node:stream";
import { HoldfastError, timeIsUp } from "../../base/index.ts";
import type { ForwardPoint, SshConnection } from "../../ssh/index.ts";
import { whileAlive } from "./while-alive.ts";

/** A stream to `to` as the host of `connection` sees it, within `limitMs`. Rejects as `forwardOut` does, or with `timed_out`. */
export async function openStream(connection: SshConnection, to: ForwardPoint, limitMs: number): Promise<Duplex> {
  const opening = connection.forwardOut(to);
  const stream = await whileAlive(connection, opening, limitMs);
  if (stream !== timeIsUp) return stream;
  opening.then(
    (late) => late.destroy(),
    () => undefined,
  );
  const place = "path" in to ? to.path : `${to.host}:${to.port}`;
  throw new HoldfastError("timed_out", `the host did not connect to ${place} within ${Math.round(limitMs / 1000)} s`, {
    hint: "Check the address and the firewalls between the two",
  });
}
