import type { ChildProcess } from "node:child_process";
import { closeSync, constants, openSync } from "node:fs";
import { ensurePrivateDirectory } from "../config/index.ts";
import { daemonEnvironment, ensureDaemonDirectory, type DaemonPlace } from "./daemon-place.ts";
import { leanMemory } from "./lean-memory.ts";

/** A daemon that was started, as far as its starter can see. */
export interface StartedDaemon {
  /** How it ended, if it did: an exit code, or -1 for a signal. */
  readonly exitCode: () => number | undefined;
  /** Aborts when it listens, or has ended. */
  readonly news: AbortSignal;
}

/** Starts a daemon that outlives us: in a session of its own, with nothing of ours open but its log. Rejects with `config_invalid`. */
export async function startDaemon(place: DaemonPlace, program: string): Promise<StartedDaemon> {
  await Promise.all([ensureDaemonDirectory(place), ensurePrivateDirectory(place.stateDirectory)]);
  const { O_WRONLY, O_APPEND, O_CREAT, O_NOFOLLOW } = constants;
  const log = openSync(place.logFile, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW, 0o600);
  try {
    // Loaded here: a client whose daemon runs does not wait for it.
    const { spawn } = await import("node:child_process");
    const child = spawn(process.execPath, [program, "daemon"], {
      detached: true,
      // Wherever we are may have to be unmounted or removed.
      cwd: "/",
      env: { ...leanMemory(daemonEnvironment(process.env)) },
      stdio: ["ignore", "pipe", log],
    });
    return watched(child);
  } finally {
    closeSync(log);
  }
}

function watched(child: ChildProcess): StartedDaemon {
  const news = new AbortController();
  let code: number | undefined;
  const ended = (status: number | null): void => {
    code = status ?? -1;
    news.abort();
  };
  child.on("error", () => ended(null));
  child.on("exit", ended);
  // It says so when it listens.
  child.stdout?.once("data", () => {
    news.abort();
    child.stdout?.destroy();
  });
  child.unref();
  return { exitCode: () => code, news: news.signal };
}
