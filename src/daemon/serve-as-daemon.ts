import { writeSync } from "node:fs";
import { HoldfastError, asHoldfastError, renderError, version, wallMs } from "../base/index.ts";
import { daemonPlace } from "../shim/index.ts";
import type { DaemonFace } from "./daemon-face.ts";
import { runDaemon } from "./daemon.ts";

/** Long enough for a person's break, short enough not to keep connections open overnight. */
const defaultIdleS = 600;

const standardOutput = 1;
const standardError = 2;

/** What this process needs to be the daemon of its environment. */
interface DaemonProcess {
  readonly face: () => Promise<DaemonFace>;
  /** Aborts when it is asked to end. */
  readonly signal: AbortSignal;
}

/** Makes this process the daemon until it ends; resolves with its exit code. Standard error is the log. Never rejects. */
export async function serveAsDaemon({ face, signal }: DaemonProcess): Promise<number> {
  try {
    const idleMs = idleS(process.env["HOLDFAST_DAEMON_IDLE_S"]) * 1_000;
    const place = daemonPlace();
    log(`version ${version} begins at ${place.socketPath}`);
    const served = await runDaemon({ place, face, idleMs, signal, listening: tellStarter });
    log(served ? "ends" : "ends: another one serves there");
    return 0;
  } catch (thrown) {
    say(standardError, renderError(asHoldfastError(thrown)));
    return 1;
  }
}

/** Whoever starts a daemon waits for this on its standard output. */
function tellStarter(): void {
  say(standardOutput, "listening");
}

function log(text: string): void {
  say(standardError, `${new Date(wallMs()).toISOString()} daemon ${process.pid} ${text}`);
}

/** Written without a stream: to make one takes longer than to listen. */
function say(descriptor: number, text: string): void {
  try {
    writeSync(descriptor, `${text}\n`);
  } catch {
    // Nobody is there to read it.
  }
}

function idleS(text: string | undefined): number {
  if (text === undefined || text === "") return defaultIdleS;
  const seconds = Number(text);
  if (seconds > 0 && Number.isFinite(seconds)) return seconds;
  throw new HoldfastError("config_invalid", `HOLDFAST_DAEMON_IDLE_S is "${text}", which is no number of seconds`, {
    hint: "Set it to the seconds without use after which the daemon ends",
  });
}
