import { spawn } from "node:child_process";
import { closeSync, constants, openSync } from "node:fs";
import { ensurePrivateDirectory } from "../config/index.ts";
import { daemonEnvironment, ensureDaemonDirectory, type DaemonPlace } from "./daemon-place.ts";

/** A daemon that was started, as far as its starter can see. */
export interface StartedDaemon {
  /** How it ended, if it did: an exit code, or -1 for a signal. */
  readonly exitCode: () => number | undefined;
}

/** Starts a daemon that outlives us: in a session of its own, with nothing of ours open but its log. Rejects with `config_invalid`. */
export async function startDaemon(place: DaemonPlace, mainFile: string): Promise<StartedDaemon> {
  await Promise.all([ensureDaemonDirectory(place), ensurePrivateDirectory(place.stateDirectory)]);
  const { O_WRONLY, O_APPEND, O_CREAT, O_NOFOLLOW } = constants;
  const log = openSync(place.logFile, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW, 0o600);
  try {
    const child = spawn(process.execPath, [mainFile, "daemon"], {
      detached: true,
      // Wherever we are may have to be unmounted or removed.
      cwd: "/",
      env: { ...daemonEnvironment(process.env) },
      stdio: ["ignore", "ignore", log],
    });
    let code: number | undefined;
    child.on("error", () => (code = -1));
    child.on("exit", (status) => (code = status ?? -1));
    child.unref();
    return { exitCode: () => code };
  } finally {
    closeSync(log);
  }
}
