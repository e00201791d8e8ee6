import { startFrr } from "../devices/frr.ts";
import { openEcho, type Contender } from "./contenders.ts";
import { runRace } from "./race.ts";
import { longWay, placeFor, startHost, startServer } from "./scene.ts";
import type { Section } from "./section.ts";

/** A round trip of 50 ms. */
const oneWayMs = 25;

/** Round trips that a reading command on a device may take. */
const promisedRoundTrips = 1.3;

/** Waiting takes most of the time here: fewer rounds tell as much. */
const shareOfRounds = 0.25;

/** A reading command on a network device that is far away. */
export const device: Section = async (cleanup, { rounds }) => {
  const { vtysh } = await startFrr(cleanup);
  const way = await longWay(cleanup, vtysh, oneWayMs);
  const server = await startServer(cleanup, await placeFor(cleanup, way), true);
  const opened = await server.call("ssh_open", { target: way.alias, name: "router", platform: "frr_vtysh" });
  if (opened.state !== "open") throw new Error(`unexpected reply: ${opened.text}`);
  const echo = await openEcho(await longWay(cleanup, await startHost(cleanup), oneWayMs));
  cleanup.add(() => echo.close());
  const contender: Contender = {
    name: "ssh_run show version on vtysh, daemon",
    once: async () => {
      const reply = await server.run("router", "show version");
      if (reply.state !== "done" || !reply.stdout.startsWith("FRRouting ")) throw new Error(reply.text);
    },
  };
  return runRace(
    {
      title: "device: a reading command on a router, 50 ms round trip (the echo's time)",
      unit: echo,
      rounds: Math.ceil(rounds * shareOfRounds),
    },
    [
      {
        contender,
        goal: (medianMs, medianOf) => ({
          text: `≤ ${promisedRoundTrips} round trips`,
          holds: medianMs <= promisedRoundTrips * medianOf(echo),
        }),
      },
      { contender: echo },
    ],
  );
};
