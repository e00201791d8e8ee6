import { chmodSync, linkSync, lstatSync, renameSync, rmSync } from "node:fs";
import type { Server } from "node:net";
import { dialDaemon, ensureDaemonDirectory, type DaemonPlace } from "../shim/index.ts";

/** Each attempt fails only because another daemon came or went at that moment. */
const mostAttempts = 20;

/** The name under which one daemon is found. */
export interface DaemonSocket {
  /** False when the name is gone or another daemon has it. */
  held(): boolean;
  /** Gives the name up, if it is still ours; connections stay. */
  release(): void;
}

/**
 * Listens under the place's name: first under a name of its own, then by a hard link, which fails where there is one, so that of several
 * daemons exactly one gets the name. A name that nobody answers at is taken over; a daemon that only stood still notices and ends. Undefined when another daemon serves there.
 */
export async function takeSocket(server: Server, place: DaemonPlace): Promise<DaemonSocket | undefined> {
  await ensureDaemonDirectory(place);
  const own = `${place.socketPath}.${process.pid}`;
  rmSync(own, { force: true });
  await listen(server, own);
  try {
    chmodSync(own, 0o600);
    const { ino } = lstatSync(own);
    for (let attempt = 0; attempt < mostAttempts; attempt += 1) {
      if (linked(own, place.socketPath)) return socketOf(place.socketPath, ino);
      const there = inodeOf(place.socketPath);
      const dialed = await dialDaemon(place, "status");
      if (dialed.kind === "connected") dialed.connection.socket.destroy();
      if (dialed.kind === "connected" || dialed.kind === "unusable") return undefined;
      const dead = dialed.kind === "absent" || dialed.kind === "silent";
      if (dead && there !== undefined) removeStale(place.socketPath, there);
    }
    return undefined;
  } finally {
    rmSync(own, { force: true });
  }
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(path, () => {
      server.off("error", reject);
      resolve();
    });
  });
}

function linked(own: string, name: string): boolean {
  try {
    linkSync(own, name);
    return true;
  } catch (thrown) {
    if (thrown instanceof Error && "code" in thrown && thrown.code === "EEXIST") return false;
    throw thrown;
  }
}

/** Removes the name if it is still that of the dead; what came in its place meanwhile is put back. */
function removeStale(name: string, inode: number): void {
  const aside = `${name}.dead.${process.pid}`;
  try {
    renameSync(name, aside);
  } catch {
    // Somebody else has removed it.
    return;
  }
  try {
    if (inodeOf(aside) !== inode) linked(aside, name);
  } finally {
    rmSync(aside, { force: true });
  }
}

function socketOf(name: string, inode: number): DaemonSocket {
  const held = (): boolean => inodeOf(name) === inode;
  return {
    held,
    release: () => {
      if (held()) rmSync(name, { force: true });
    },
  };
}

function inodeOf(path: string): number | undefined {
  try {
    return lstatSync(path).ino;
  } catch {
    return undefined;
  }
}
