import { readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";

/** Where a session may keep its files when the home does not serve; what stands here outlives the user's home. */
const sharedPlaces = ["/tmp", "/var/tmp", "/dev/shm"];

/** Directories that a session makes end in a nonce. */
const sessionDirectory = /-[0-9a-f]{16}$/;

interface Owner {
  readonly uid: number;
  readonly home: string;
}

/** Processes (but those of the SSH server), files in shared directories and session directories at home of a user, for people to read. */
export function leftovers(user: Owner): readonly string[] {
  return [...processesOf(user.uid), ...leftFiles(user)];
}

/** Removes what a user who is gone has left, so that the next one with the same number does not inherit it. */
export function sweepLeftovers(user: Owner): void {
  for (const path of leftFiles(user)) rmSync(path, { recursive: true, force: true });
}

function leftFiles(user: Owner): string[] {
  const shared = sharedPlaces.flatMap((place) => filesOf(user.uid, place));
  const atHome = [user.home, join(user.home, ".cache")].flatMap((place) => filesOf(user.uid, place));
  return [...shared, ...atHome.filter((path) => sessionDirectory.test(path))];
}

function processesOf(uid: number): string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        if (statSync(`/proc/${pid}`).uid !== uid) return [];
        const state = /^\d+ \((?<name>.*)\) (?<state>\S)/s.exec(readFileSync(`/proc/${pid}/stat`, "latin1"))?.groups;
        if (state === undefined || state["state"] === "Z" || /^(?:sshd|dropbear)/.test(state["name"] ?? "")) return [];
        return [`process ${pid} ${readFileSync(`/proc/${pid}/cmdline`, "latin1").replaceAll("\0", " ").trim()}`];
      } catch {
        // Gone while we looked.
        return [];
      }
    });
}

function filesOf(uid: number, directory: string): string[] {
  try {
    return readdirSync(directory)
      .map((name) => join(directory, name))
      .filter((path) => {
        try {
          return statSync(path).uid === uid;
        } catch {
          return false;
        }
      });
  } catch {
    return [];
  }
}
