import type { CliCommand } from "./cli-command.ts";

/** The help of the whole program. */
export function programHelp(commands: readonly CliCommand[]): string {
  const rows = commands.map((command) => ({
    call: `holdfast ${command.name === "" ? command.usage : command.name}`,
    summary: command.summary,
  }));
  const width = Math.max(...rows.map((row) => row.call.length));
  return [
    "holdfast: SSH sessions that hold, for AI agents (an MCP server).",
    "",
    ...rows.map((row) => `  ${row.call.padEnd(width)}  ${row.summary}`),
    "",
    "  --config <file> with any of them: another settings file than ~/.config/holdfast/config.yaml.",
    "  holdfast <command> --help tells more; holdfast --version says which version this is.",
    "",
    "Exit codes: 0 well, 1 it failed and the output says why, 2 the command line is wrong.",
  ].join("\n");
}

/** The help of one command. */
export function commandHelp(command: CliCommand): string {
  const call = ["holdfast", command.name, command.usage].filter((part) => part !== "").join(" ");
  return [
    `Usage: ${call}`,
    "",
    `${command.summary.charAt(0).toUpperCase()}${command.summary.slice(1)}.`,
    ...command.details,
  ].join("\n");
}
