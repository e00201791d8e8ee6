import { callOnce } from "./call-tool.ts";
import { UsageError, exitCodes, type CliArguments, type CliCommand } from "./cli-command.ts";
import type { CliServices } from "./cli-services.ts";
import { print } from "./print.ts";

/** `holdfast close`: ends a session and removes what it keeps on its host. */
export const closeCommand: CliCommand = {
  name: "close",
  usage: "<session> | --all [--owner <label>]",
  summary: "end a session and clean up on its host",
  details: ["Commands that still run in it are stopped and named."],
  options: { all: { type: "boolean" }, owner: { type: "string" } },
  positionals: { least: 0, most: 1 },
  run: close,
};

async function close(args: CliArguments, services: CliServices): Promise<number> {
  const [session] = args.positionals;
  const all = args.flags.has("all");
  if (all === (session !== undefined)) throw new UsageError("name a session, or say --all");
  const reply = await callOnce(
    "ssh_close",
    session === undefined ? { all, ...Object.fromEntries(args.values) } : { session },
    services,
  );
  await print(services.output, reply.text);
  return reply.isError ? exitCodes.failed : exitCodes.ok;
}
