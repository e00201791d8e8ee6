import { echoHi, openControlMaster, openEcho, overMcp, trueCommand, type Contender } from "./contenders.ts";
import { runRace, type Entry } from "./race.ts";
import { openSession, placeFor, startHost, startServer } from "./scene.ts";
import type { Section } from "./section.ts";

/** Promised of `true` on loopback: at most so many milliseconds, and that `ssh -S` takes at least so many times as long. */
const promisedMs = 5;
const promisedTimes = 2;

/** A command in an open session on loopback. */
export const warm: Section = async (cleanup, { rounds }) => {
  const host = await startHost(cleanup);
  const shared = await startServer(cleanup, await placeFor(cleanup, host), true);
  await openSession(shared, host, "shared");
  const alone = await startServer(cleanup, await placeFor(cleanup, host), false);
  await openSession(alone, host, "alone");
  const echo = await openEcho(host);
  cleanup.add(() => echo.close());
  const master = await openControlMaster(host, host.directory);
  cleanup.add(() => master.close());

  const trueShared = overMcp("daemon", shared, "shared", trueCommand);
  const trueAlone = overMcp("--no-daemon", alone, "alone", trueCommand);
  const entries: readonly Entry[] = [
    quick(trueShared),
    { contender: overMcp("daemon", shared, "shared", echoHi) },
    quick(trueAlone),
    { contender: overMcp("--no-daemon", alone, "alone", echoHi) },
    { contender: echo },
    slower(master.run(trueCommand), [trueShared, trueAlone]),
    { contender: master.run(echoHi) },
  ];
  return runRace({ title: "warm: a command in an open session, on loopback", unit: trueShared, rounds }, entries);
};

function quick(contender: Contender): Entry {
  return { contender, goal: (medianMs) => ({ text: `≤ ${promisedMs} ms`, holds: medianMs <= promisedMs }) };
}

function slower(contender: Contender, quickOnes: readonly Contender[]): Entry {
  return {
    contender,
    goal: (medianMs, medianOf) => ({
      text: `≥ ${promisedTimes} × ssh_run true`,
      holds: quickOnes.every((one) => medianMs >= promisedTimes * medianOf(one)),
    }),
  };
}
