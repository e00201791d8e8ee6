import { once } from "node:events";
import { timeIsUp, withDeadline } from "../base/index.ts";
import { daemonPlace, dialDaemon } from "../shim/index.ts";
import { exitCodes, type CliArguments, type CliCommand } from "./cli-command.ts";
import type { CliServices } from "./cli-services.ts";
import { print } from "./print.ts";

/** A daemon ends within 2 s; this is for machines that stand still. */
const endLimitMs = 10_000;

/** `holdfast stop`: ends the daemon. */
export const stopCommand: CliCommand = {
  name: "stop",
  usage: "",
  summary: "end the daemon; sessions stay on their hosts",
  details: ["Calls that wait for a command reply `running`; the command goes on. The next client starts a new daemon."],
  options: {},
  positionals: { least: 0, most: 0 },
  run: stop,
};

async function stop(_args: CliArguments, services: CliServices): Promise<number> {
  const dialed = await dialDaemon(daemonPlace(), "stop");
  if (dialed.kind === "absent") {
    await print(services.output, "No daemon runs.");
    return exitCodes.ok;
  }
  if (dialed.kind === "unusable") {
    await print(services.errors, `The daemon cannot be told to end: ${dialed.why}`);
    return exitCodes.failed;
  }
  if (dialed.kind === "silent") {
    await print(services.errors, "The daemon does not answer. The next client starts another one, which takes over.");
    return exitCodes.failed;
  }
  if (dialed.kind === "ending") {
    await print(services.output, "The daemon is ending already.");
    return exitCodes.ok;
  }
  const { socket, facts } = dialed.connection;
  const ended = await withDeadline(once(socket.resume(), "end"), endLimitMs);
  socket.destroy();
  if (ended === timeIsUp) {
    await print(services.errors, `The daemon (process ${facts.pid}) does not end: kill it, nothing is lost by that.`);
    return exitCodes.failed;
  }
  await print(services.output, `The daemon (process ${facts.pid}) has ended. Sessions stay on their hosts.`);
  return exitCodes.ok;
}
