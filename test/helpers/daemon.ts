import { getDefaultEnvironment } from "@modelcontextprotocol/client/stdio";
import { daemonPlace, dialDaemon, type DaemonFacts, type DaemonPlace } from "../../src/shim/index.ts";
import { eventually } from "./eventually.ts";
import type { PrivatePlace } from "./private-place.ts";

/** Environment of a server that `Holdfast` starts in a place. */
export function environmentOf(place: PrivatePlace): Record<string, string> {
  return { ...getDefaultEnvironment(), ...place.env };
}

/** Where the daemon of a place is found. */
export function daemonOf(place: PrivatePlace): DaemonPlace {
  return daemonPlace(environmentOf(place));
}

/** What the daemon of a place says of itself; undefined when none runs. */
export async function daemonFacts(place: PrivatePlace): Promise<DaemonFacts | undefined> {
  const dialed = await dialDaemon(daemonOf(place), "status");
  if (dialed.kind !== "connected") return undefined;
  dialed.connection.socket.destroy();
  return dialed.connection.facts;
}

/** The process id of the daemon of a place; throws when none runs. */
export async function daemonPid(place: PrivatePlace): Promise<number> {
  const facts = await daemonFacts(place);
  if (facts === undefined) throw new Error("no daemon runs");
  return facts.pid;
}

/** Whether a process is there and no zombie. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Ends the daemon of a place, if one runs, and waits until its process is gone. */
export async function stopDaemon(place: PrivatePlace): Promise<void> {
  const dialed = await dialDaemon(daemonOf(place), "stop");
  if (dialed.kind !== "connected") return;
  const { pid } = dialed.connection.facts;
  await eventually("the daemon to end", 20_000, () => (isAlive(pid) ? undefined : true));
  dialed.connection.socket.destroy();
}
