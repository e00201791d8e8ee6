import { echoHi, openControlMaster, openEcho, overMcp, trueCommand, type Contender } from "./contenders.ts";
import { runRace, type Entry } from "./race.ts";
import { longWay, openSession, placeFor, startHost, startServer } from "./scene.ts";
import type { Section } from "./section.ts";

/** A round trip of 50 ms, as from one continent's edge to the other. */
const oneWayMs = 25;

/** Round trips that a command may take. */
const promisedRoundTrips = 1.15;

/** Waiting takes most of the time here: fewer rounds tell as much. */
const shareOfRounds = 0.5;

/** A command in an open session on a host that is far away. */
export const far: Section = async (cleanup, { rounds }) => {
  const host = await startHost(cleanup);
  const way = await longWay(cleanup, host, oneWayMs);
  const shared = await startServer(cleanup, await placeFor(cleanup, way), true);
  await openSession(shared, way, "shared");
  const echo = await openEcho(way);
  cleanup.add(() => echo.close());
  const master = await openControlMaster(way, host.directory);
  cleanup.add(() => master.close());

  const oneRoundTrip = (contender: Contender): Entry => ({
    contender,
    goal: (medianMs, medianOf) => ({
      text: `≤ ${promisedRoundTrips} round trips`,
      holds: medianMs <= promisedRoundTrips * medianOf(echo),
    }),
  });
  return runRace(
    {
      title: "far: a command in an open session, 50 ms round trip (the echo's time)",
      unit: echo,
      rounds: Math.ceil(rounds * shareOfRounds),
    },
    [
      oneRoundTrip(overMcp("daemon", shared, "shared", trueCommand)),
      oneRoundTrip(overMcp("daemon", shared, "shared", echoHi)),
      { contender: echo },
      { contender: master.run(trueCommand) },
    ],
  );
};
