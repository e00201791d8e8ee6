import { createEngine, type SshConnection } from "../../src/ssh/index.ts";
import type { Cleanup } from "../helpers/cleanup.ts";
import type { Holdfast } from "../helpers/holdfast.ts";
import type { TestServer } from "../helpers/servers/index.ts";
import { planFor } from "../ssh/plan.ts";
import { openEcho, overSsh, trueCommand, type Contender } from "./contenders.ts";
import { runRace, type Entry, type MedianOf } from "./race.ts";
import { longWay, openSession, placeFor, startHost, startServer, type Way } from "./scene.ts";
import type { Section } from "./section.ts";

type Judge = NonNullable<Entry["goal"]>;

/** A round trip of 50 ms. */
const oneWayMs = 25;

/** Promised: a connection takes this share of `ssh host true` on loopback, and so many round trips far away. */
const promisedShare = 0.35;
const promisedRoundTrips = 4;

/** Promised: a session on an open connection takes so many round trips, beside the time that its making takes on loopback. */
const promisedForSession = 2;

const shareOfRounds = 0.2;
const warmUpRounds = 3;

/** Connecting to a host that is known, and sessions on connections that are open. */
export const connect: Section = async (cleanup, { rounds }) => {
  const host = await startHost(cleanup);
  const near = await nearRace(host, Math.ceil(rounds * shareOfRounds));
  const far = await farRace(cleanup, host, Math.ceil(rounds * shareOfRounds));
  return near && far;
};

async function nearRace(host: TestServer, rounds: number): Promise<boolean> {
  const ssh = overSsh("ssh host true", ["-F", host.sshConfigFile, host.alias], trueCommand);
  const own = connecting("connect", host, host.port);
  const goal: Judge = (medianMs, medianOf) => ({
    text: `≤ ${promisedShare} × ssh host true`,
    holds: medianMs <= promisedShare * medianOf(ssh),
  });
  const title = "connect: a known host on loopback";
  return runRace({ title, unit: ssh, rounds, warmUpRounds }, [{ contender: own, goal }, { contender: ssh }]);
}

async function farRace(cleanup: Cleanup, host: TestServer, rounds: number): Promise<boolean> {
  const way = await longWay(cleanup, host, oneWayMs);
  const echo = await openEcho(way);
  cleanup.add(() => echo.close());
  const far = await opening(cleanup, way, "a session on an open connection");
  const near = await opening(cleanup, host, "the same on loopback");
  const connected = connecting("connect", host, way.port);
  const roundTrips =
    (count: number, beside: (medianOf: MedianOf) => number): Judge =>
    (medianMs, medianOf) => ({
      text: count === promisedForSession ? `≤ ${count} round trips + loopback` : `≤ ${count} round trips`,
      holds: medianMs - beside(medianOf) <= count * medianOf(echo),
    });
  return runRace({ title: "connect: 50 ms round trip (the echo's time)", unit: echo, rounds, warmUpRounds }, [
    { contender: connected, goal: roundTrips(promisedRoundTrips, () => 0) },
    { contender: far, goal: roundTrips(promisedForSession, (medianOf) => medianOf(near)) },
    { contender: near },
    { contender: echo },
  ]);
}

/** A connection to a host that the engine has been at before, up to the accepted login. */
function connecting(name: string, host: TestServer, port: number): Contender {
  const engine = createEngine();
  const plan = planFor(host, { port, hostKeyAlias: `[127.0.0.1]:${host.port}` });
  let connection: SshConnection | undefined;
  return {
    name,
    once: async () => {
      connection = await engine.connect(plan);
    },
    tidy: async () => {
      await connection?.close();
    },
  };
}

async function opening(cleanup: Cleanup, way: Way, name: string): Promise<Contender> {
  const server: Holdfast = await startServer(cleanup, await placeFor(cleanup, way), true);
  // Keeps the connection open.
  await openSession(server, way, "first");
  return {
    name,
    once: () => openSession(server, way, "second"),
    tidy: () => server.closeSession("second"),
  };
}
