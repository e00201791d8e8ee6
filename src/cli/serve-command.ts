import { version } from "../base/index.ts";
import { exitCodes, type CliArguments, type CliCommand } from "./cli-command.ts";
import type { CliServices } from "./cli-services.ts";
import { print } from "./print.ts";

/** `holdfast` without a command: MCP over standard input and output, as clients start it. */
export const serveCommand: CliCommand = {
  name: "",
  usage: "[--no-daemon]",
  summary: "serve MCP over stdio, as agents' clients start it",
  details: [
    "Nothing but the protocol is written to standard output. Ends with standard input; sessions stay on their hosts.",
  ],
  options: { "no-daemon": { type: "boolean" } },
  positionals: { least: 0, most: 0 },
  run: serve,
};

async function serve(_args: CliArguments, services: CliServices): Promise<number> {
  if (services.interactive) {
    await print(
      services.errors,
      "holdfast speaks MCP on standard input; `holdfast --help` tells more. Ctrl+C ends it.",
    );
  }
  const [{ serveOverStreams }, open] = await Promise.all([import("../mcp/index.ts"), services.openHost()]);
  try {
    await serveOverStreams({
      host: open.host,
      version,
      input: services.input,
      output: services.output,
      answered: services.answered,
      signal: services.interrupted,
    });
  } finally {
    await open.close();
  }
  return exitCodes.ok;
}
