import { parseArgs } from "node:util";
import { asHoldfastError, messageOf, renderError, version } from "../base/index.ts";
import { UsageError, exitCodes, type CliArguments, type CliCommand } from "./cli-command.ts";
import type { CliServices } from "./cli-services.ts";
import { answerCommand } from "./answer-command.ts";
import { attachCommand } from "./attach-command.ts";
import { callCommand } from "./call-command.ts";
import { cpCommand } from "./cp-command.ts";
import { closeCommand } from "./close-command.ts";
import { daemonCommand } from "./daemon-command.ts";
import { doctorCommand } from "./doctor-command.ts";
import { commandHelp, programHelp } from "./help-text.ts";
import { httpCommand } from "./http-command.ts";
import { keyringCommand } from "./keyring-command.ts";
import { logsCommand } from "./logs-command.ts";
import { lsCommand } from "./ls-command.ts";
import { print } from "./print.ts";
import { replayCommand } from "./replay-command.ts";
import { serveCommand } from "./serve-command.ts";
import { stopCommand } from "./stop-command.ts";
import { suggest } from "./suggest.ts";
import { trustCommand } from "./trust-command.ts";

const commands: readonly CliCommand[] = [
  serveCommand,
  httpCommand,
  callCommand,
  lsCommand,
  cpCommand,
  attachCommand,
  logsCommand,
  replayCommand,
  answerCommand,
  trustCommand,
  keyringCommand,
  doctorCommand,
  closeCommand,
  daemonCommand,
  stopCommand,
];

/** Runs `holdfast` with the words of its command line; resolves with the exit code. Never rejects. */
export async function runCli(words: readonly string[], services: CliServices): Promise<number> {
  const [first = ""] = words;
  if (["--version", "-V"].includes(first)) return printed(services, version);
  if (["--help", "-h", "help"].includes(first)) return help(words[1], services);
  const name = first.startsWith("-") ? "" : first;
  const command = commands.find((one) => one.name === name);
  if (command === undefined) return wrong(services, unknownCommand(name), "holdfast --help lists the commands");
  return runCommand(command, name === "" ? words : words.slice(1), services);
}

async function runCommand(command: CliCommand, words: readonly string[], services: CliServices): Promise<number> {
  try {
    const args = parse(command, words);
    return args === "help" ? await printed(services, commandHelp(command)) : await command.run(args, services);
  } catch (thrown) {
    if (thrown instanceof UsageError) return wrong(services, thrown.message, commandHelp(command));
    await print(services.errors, renderError(asHoldfastError(thrown)));
    return exitCodes.failed;
  }
}

function parse(command: CliCommand, words: readonly string[]): CliArguments | "help" {
  const { positionals, values } = parseWords(command, words);
  if (values["help"] === true) return "help";
  const { least, most } = command.positionals;
  if (positionals.length < least) throw new UsageError("something is missing");
  if (positionals.length > most) throw new UsageError(`"${positionals[most] ?? ""}" is too much`);
  const entries = Object.entries(values);
  return {
    positionals,
    flags: new Set(entries.flatMap(([name, value]) => (value === true ? [name] : []))),
    values: new Map(entries.flatMap(([name, value]) => (typeof value === "string" ? [[name, value] as const] : []))),
  };
}

function parseWords(
  command: CliCommand,
  words: readonly string[],
): { positionals: readonly string[]; values: Readonly<Record<string, unknown>> } {
  try {
    return parseArgs({
      args: [...words],
      options: { ...command.options, help: { type: "boolean", short: "h" } },
      allowPositionals: true,
      strict: true,
    });
  } catch (thrown) {
    throw new UsageError(messageOf(thrown).replace(/\. To specify .*$/, ""));
  }
}

async function help(about: string | undefined, services: CliServices): Promise<number> {
  const command = commands.find((one) => one.name !== "" && one.name === about);
  return printed(services, command === undefined ? programHelp(commands) : commandHelp(command));
}

function unknownCommand(word: string): string {
  const near = suggest(
    word,
    commands.map((command) => command.name).filter((name) => name !== ""),
  );
  return `there is no command "${word}"${near === undefined ? "" : `; did you mean "holdfast ${near}"?`}`;
}

async function printed(services: CliServices, text: string): Promise<number> {
  await print(services.output, text);
  return exitCodes.ok;
}

async function wrong(services: CliServices, message: string, usage: string): Promise<number> {
  await print(services.errors, `holdfast: ${message}\n${usage}`);
  return exitCodes.usage;
}
