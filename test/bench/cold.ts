import { delay } from "../../src/base/index.ts";
import { Holdfast } from "../helpers/holdfast.ts";
import type { PrivatePlace } from "../helpers/private-place.ts";
import { openEcho, overSsh, trueCommand, type Contender } from "./contenders.ts";
import { runRace, type Entry, type MedianOf } from "./race.ts";
import { longWay, placeFor, startHost, startServer } from "./scene.ts";
import type { Section } from "./section.ts";

/** A round trip of 50 ms. */
const oneWayMs = 25;

/** Promised of the first command, connecting and the session's making included: so many round trips and milliseconds. */
const promisedRoundTrips = 4;
const promisedMs = 60;

/** Each round starts a server and makes a session. */
const shareOfRounds = 0.15;
const warmUpRounds = 2;

/** Time for a server to see that its connection was cut. */
const noticeMs = 100;

/** A client starts its servers, then asks its model, which takes longer than this. */
const thoughtMs = 1_000;

/** The first command on a host: connect, log in, make the session, run. */
export const cold: Section = async (cleanup, { rounds }) => {
  const host = await startHost(cleanup);
  const way = await longWay(cleanup, host, oneWayMs);
  const place = await placeFor(cleanup, way);
  const echo = await openEcho(await longWay(cleanup, host, oneWayMs));
  cleanup.add(() => echo.close());
  const cutWay = await longWay(cleanup, host, oneWayMs);
  const running = await startServer(cleanup, await placeFor(cleanup, cutWay), true);
  const quick = (contender: Contender): Entry => ({
    contender,
    goal: (medianMs, medianOf) => ({
      text: `≤ ${promisedRoundTrips} round trips + ${promisedMs} ms`,
      holds: medianMs <= limitMs(medianOf, echo),
    }),
  });
  return runRace(
    {
      title: "cold: the first command on a host, 50 ms round trip (the echo's time)",
      unit: echo,
      rounds: Math.ceil(rounds * shareOfRounds),
      warmUpRounds,
    },
    [
      quick(afterCut(running, cutWay)),
      quick(inFreshServer(place, way.alias)),
      { contender: echo },
      { contender: overSsh("ssh host true", ["-F", way.sshConfigFile, way.alias], trueCommand) },
    ],
  );
};

function limitMs(medianOf: MedianOf, echo: Contender): number {
  return promisedRoundTrips * medianOf(echo) + promisedMs;
}

/** In a server that has run commands before, but has no connection now. */
function afterCut(server: Holdfast, way: { readonly alias: string; cut(): void }): Contender {
  return {
    name: "ssh_run true, daemon without a connection",
    once: () => runTrue(server, way.alias),
    tidy: async () => {
      await server.closeSession(way.alias);
      way.cut();
      await delay(noticeMs);
    },
  };
}

/** In a server that has started a second ago, which an agent has thought for, and never connected to anything. */
function inFreshServer(place: PrivatePlace, alias: string): Contender {
  let server: Holdfast | undefined;
  return {
    name: "ssh_run true, new --no-daemon process",
    prepare: async () => {
      server = await Holdfast.start(place);
      await delay(thoughtMs);
    },
    once: async () => {
      if (server !== undefined) await runTrue(server, alias);
    },
    tidy: async () => {
      await server?.closeSession(alias);
      await server?.stop();
    },
  };
}

async function runTrue(server: Holdfast, alias: string): Promise<void> {
  const reply = await server.run(alias, trueCommand.command);
  if (reply.state !== "exit 0") throw new Error(`unexpected reply: ${reply.text}`);
}
