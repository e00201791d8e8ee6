import { chmod, link, lstat, rename, rm } from "node:fs/promises";
import type { Server } from "node:net";
import { dialDaemon, ensureDaemonDirectory, type DaemonPlace } from "../shim/index.ts";

/** Each attempt fails only because another daemon came or went at that moment. */
const mostAttempts = 20;

/** The name under which one daemon is found. */
export interface DaemonSocket {
  /** False when the name is gone or another daemon has it. */
  held(): Promise<boolean>;
  /** Gives the name up, if it is still ours; connections stay. */
  release(): Promise<void>;
}

/**
 * Listens under the place's name: first under a name of its own, then by a hard link, which fails where there is one, so that of several
 * daemons exactly one gets the name. A name that nobody answers at is taken over; a daemon that only stood still notices and ends. Undefined when another daemon serves there.
 */
export async function takeSocket(server: Server, place: DaemonPlace): Promise<DaemonSocket | undefined> {
  await ensureDaemonDirectory(place);
  const own = `${place.socketPath}.${process.pid}`;
  await rm(own, { force: true });
  await listen(server, own);
  try {
    await chmod(own, 0o600);
    const { ino } = await lstat(own);
    for (let attempt = 0; attempt < mostAttempts; attempt += 1) {
      if (await linked(own, place.socketPath)) return socketOf(place.socketPath, ino);
      const there = await inodeOf(place.socketPath);
      const dialed = await dialDaemon(place, "status");
      if (dialed.kind === "connected") dialed.connection.socket.destroy();
      if (dialed.kind === "connected" || dialed.kind === "unusable") return undefined;
      const dead = dialed.kind === "absent" || dialed.kind === "silent";
      if (dead && there !== undefined) await removeStale(place.socketPath, there);
    }
    return undefined;
  } finally {
    await rm(own, { force: true });
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

async function linked(own: string, name: string): Promise<boolean> {
  try {
    await link(own, name);
    return true;
  } catch (thrown) {
    if (thrown instanceof Error && "code" in thrown && thrown.code === "EEXIST") return false;
    throw thrown;
  }
}

/** Removes the name if it is still that of the dead; what came in its place meanwhile is put back. */
async function removeStale(name: string, inode: number): Promise<void> {
  const aside = `${name}.dead.${process.pid}`;
  try {
    await rename(name, aside);
  } catch {
    // Somebody else has removed it.
    return;
  }
  try {
    if ((await inodeOf(aside)) !== inode) await linked(aside, name);
  } finally {
    await rm(aside, { force: true });
  }
}

function socketOf(name: string, inode: number): DaemonSocket {
  const held = async (): Promise<boolean> => (await inodeOf(name)) === inode;
  return {
    held,
    release: async () => {
      if (await held()) await rm(name, { force: true });
    },
  };
}

async function inodeOf(path: string): Promise<number | undefined> {
  try {
    return (await lstat(path)).ino;
  } catch {
    return undefined;
  }
}
