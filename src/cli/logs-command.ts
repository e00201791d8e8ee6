import { listLogs } from "../logs/index.ts";
import { exitCodes, type CliArguments, type CliCommand } from "./cli-command.ts";
import type { CliServices } from "./cli-services.ts";
import { print } from "./print.ts";

/** `holdfast logs`: which logs there are on this machine. */
export const logsCommand: CliCommand = {
  name: "logs",
  usage: "[<session>]",
  summary: "list the logs of what commands printed",
  details: [
    "The oldest first: when it was written last, how large it is, and its file, for holdfast replay or any player of asciicasts.",
    "Nothing is recorded unless the settings file says so: logs: { record: true }.",
  ],
  options: {},
  positionals: { least: 0, most: 1 },
  run: list,
};

async function list(args: CliArguments, services: CliServices): Promise<number> {
  const [session] = args.positionals;
  const { directory, record } = await services.logs();
  const files = (await listLogs(directory)).filter((file) => session === undefined || file.session === session);
  const lines = files.map(({ path, sizeBytes, changedAtMs }) => {
    const when = new Date(changedAtMs).toISOString().slice(0, 19).replace("T", " ");
    return `${when}  ${sizeText(sizeBytes).padStart(9)}  ${path}`;
  });
  const hint = record ? "" : " Nothing is recorded: logs: { record: true } in the settings file changes that.";
  await print(services.output, lines.length === 0 ? `There are no logs in ${directory}.${hint}` : lines.join("\n"));
  return exitCodes.ok;
}

function sizeText(bytes: number): string {
  if (bytes < 10_240) return `${bytes} B`;
  return bytes < 10_485_760 ? `${Math.round(bytes / 1_024)} KB` : `${Math.round(bytes / 1_048_576)} MB`;
}
