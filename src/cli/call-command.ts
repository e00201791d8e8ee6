import type { Readable } from "node:stream";
import { HoldfastError, messageOf } from "../base/index.ts";
import { callOnce } from "./call-tool.ts";
import { UsageError, exitCodes, type CliArguments, type CliCommand } from "./cli-command.ts";
import type { CliServices } from "./cli-services.ts";
import { print } from "./print.ts";
import { suggest } from "./suggest.ts";

/** Arguments read from stdin are at most this long (32 Mi characters). */
const longestArguments = 33_554_432;

/** `holdfast call`: one tool call, as an agent would make it. */
export const callCommand: CliCommand = {
  name: "call",
  usage: "<tool> ['<json>' | -]",
  summary: "call a tool as an agent would",
  details: [
    "The arguments are one JSON object; `-` reads it from standard input.",
    "Prints the reply. Exit code 1 when it is an error. Ctrl+C detaches: the command on the host goes on.",
    `Example: holdfast call ssh_run '{"on":"web1","command":"uptime"}'`,
  ],
  options: {},
  positionals: { least: 0, most: 2 },
  run: call,
};

async function call(args: CliArguments, services: CliServices): Promise<number> {
  const { toolTable } = await import("../tools/index.ts");
  const names = toolTable.map((tool) => tool.name);
  const [name, json] = args.positionals;
  if (name === undefined) {
    await print(
      services.output,
      ["Tools:", ...toolTable.map((tool) => `  ${tool.name.padEnd(12)} ${tool.title}`)].join("\n"),
    );
    return exitCodes.ok;
  }
  if (!names.includes(name)) {
    const near = suggest(name, names);
    throw new UsageError(
      `there is no tool "${name}"; ${near === undefined ? `known: ${names.join(", ")}` : `did you mean ${near}?`}`,
    );
  }
  const reply = await callOnce(name, parseArguments(json === "-" ? await readAll(services.input) : json), services);
  await print(services.output, reply.text);
  return reply.isError ? exitCodes.failed : exitCodes.ok;
}

function parseArguments(json: string | undefined): unknown {
  if (json === undefined || json.trim() === "") return {};
  try {
    const parsed: unknown = JSON.parse(json);
    return parsed;
  } catch (thrown) {
    throw new UsageError(`the arguments are no JSON: ${messageOf(thrown)}`);
  }
}

async function readAll(input: Readable): Promise<string> {
  let text = "";
  input.setEncoding("utf8");
  for await (const chunk of input) {
    text += String(chunk);
    if (text.length > longestArguments) {
      throw new HoldfastError("too_large", "the arguments on standard input are too long", {
        hint: `At most ${longestArguments} characters are taken`,
      });
    }
  }
  return text;
}
