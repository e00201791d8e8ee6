import { callOnce } from "./call-tool.ts";
import { UsageError, exitCodes, type CliArguments, type CliCommand } from "./cli-command.ts";
import type { CliServices } from "./cli-services.ts";
import { print } from "./print.ts";

const kinds = ["sessions", "targets", "commands"];

/** `holdfast ls`: what there is. */
export const lsCommand: CliCommand = {
  name: "ls",
  usage: "[sessions | targets | commands] [--session <name>] [--owner <label>] [--state <state>]",
  summary: "list sessions, targets or commands",
  details: [
    "Without a word it lists sessions. With --session and the name of a target it also looks for sessions on that host.",
  ],
  options: { session: { type: "string" }, owner: { type: "string" }, state: { type: "string" } },
  positionals: { least: 0, most: 1 },
  run: list,
};

async function list(args: CliArguments, services: CliServices): Promise<number> {
  const what = args.positionals[0] ?? "sessions";
  if (!kinds.includes(what)) throw new UsageError(`ls lists ${kinds.join(", ")}, not "${what}"`);
  const reply = await callOnce("ssh_list", { what, limit: 1_000, ...Object.fromEntries(args.values) }, services);
  await print(services.output, reply.text);
  return reply.isError ? exitCodes.failed : exitCodes.ok;
}
