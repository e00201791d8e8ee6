import { writeSync } from "node:fs";
import { version, wallMs } from "../base/index.ts";
import { UsageError, exitCodes, type CliArguments, type CliCommand } from "./cli-command.ts";
import type { CliServices } from "./cli-services.ts";
import { print } from "./print.ts";

/** Long enough for a person's break, short enough not to keep connections open overnight. */
const defaultIdleS = 600;

/** `holdfast daemon`: what clients share; started by the first of them. */
export const daemonCommand: CliCommand = {
  name: "daemon",
  usage: "",
  summary: "run what clients share, here (the first client starts it by itself)",
  details: [
    "One process per user and settings: it holds the SSH connections, so that clients come and go without a new login.",
    `It ends when no client was connected and nothing ran for $HOLDFAST_DAEMON_IDLE_S seconds (${defaultIdleS}), or by holdfast stop.`,
    "HOLDFAST_NO_DAEMON=1, or holdfast --no-daemon, does without.",
  ],
  options: {},
  positionals: { least: 0, most: 0 },
  run: runInForeground,
};

async function runInForeground(_args: CliArguments, services: CliServices): Promise<number> {
  const [{ runDaemon }, { daemonPlace }] = await Promise.all([
    import("../daemon/index.ts"),
    import("../shim/index.ts"),
  ]);
  const place = daemonPlace();
  await say(services, `version ${version} begins at ${place.socketPath}`);
  const served = await runDaemon({
    place,
    open: await services.openHost(),
    idleMs: idleS(process.env["HOLDFAST_DAEMON_IDLE_S"]) * 1_000,
    signal: services.interrupted,
    listening: tellStarter,
  });
  await say(services, served ? "ends" : "ends: another one serves there");
  return exitCodes.ok;
}

/** Whoever starts a daemon waits for this on its standard output. */
function tellStarter(): void {
  try {
    writeSync(1, "listening\n");
  } catch {
    // Nobody is there to read it.
  }
}

/** Its standard error is the log. */
function say(services: CliServices, text: string): Promise<void> {
  return print(services.errors, `${new Date(wallMs()).toISOString()} daemon ${process.pid} ${text}`);
}

function idleS(text: string | undefined): number {
  if (text === undefined || text === "") return defaultIdleS;
  const seconds = Number(text);
  if (seconds > 0 && Number.isFinite(seconds)) return seconds;
  throw new UsageError(`HOLDFAST_DAEMON_IDLE_S is "${text}", which is no number of seconds`);
}
