import type { CliArguments, CliCommand } from "./cli-command.ts";
import type { CliServices } from "./cli-services.ts";

/** `holdfast daemon`: what clients share; started by the first of them. */
export const daemonCommand: CliCommand = {
  name: "daemon",
  usage: "",
  summary: "run what clients share, here (the first client starts it by itself)",
  details: [
    "One process per user and settings: it holds the SSH connections, so that clients come and go without a new login.",
    "It ends when no client was connected and nothing ran for $HOLDFAST_DAEMON_IDLE_S seconds (600), or by holdfast stop.",
    "HOLDFAST_NO_DAEMON=1, or holdfast --no-daemon, does without.",
  ],
  options: {},
  positionals: { least: 0, most: 0 },
  run: runInForeground,
};

/** As `daemon` alone on the command line, which the small program takes itself. */
async function runInForeground(_args: CliArguments, services: CliServices): Promise<number> {
  const { daemonFace, serveAsDaemon } = await import("../daemon/index.ts");
  return serveAsDaemon({ face: async () => daemonFace(await services.openHost()), signal: services.interrupted });
}
