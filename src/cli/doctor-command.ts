import { UsageError, exitCodes, type CliArguments, type CliCommand } from "./cli-command.ts";
import type { CliServices } from "./cli-services.ts";
import { checkDaemon } from "./daemon-check.ts";
import { findingText } from "./finding.ts";
import { checkThisMachine } from "./local-checks.ts";
import { checkKeyring } from "./keyring-check.ts";
import { checkPlatform } from "./platform-check.ts";
import { checkSettings } from "./settings-check.ts";
import { print } from "./print.ts";
import { checkTarget } from "./target-checks.ts";

/** `holdfast doctor`: is everything there, and does a target work? */
export const doctorCommand: CliCommand = {
  name: "doctor",
  usage: "[target | --platform <name|file> [--prompt <line>]]",
  summary: "check this machine, and a target or a platform file",
  details: [
    "With a target: what it resolves to and from where, then connection, host key, login, and what a session there offers.",
    "--platform checks a platform of network devices instead, by name or file, and shows what it says; --prompt tries it on a line:",
    "  holdfast doctor --platform cisco_ios --prompt 'router(config)#'    (two lines: with \\n between them)",
    "Exit code 1 when something is wrong; each such line says what to do.",
  ],
  options: { platform: { type: "string" }, prompt: { type: "string" } },
  positionals: { least: 0, most: 1 },
  run: examine,
};

async function examine(args: CliArguments, services: CliServices): Promise<number> {
  const platform = args.values.get("platform");
  if (platform !== undefined) return examinePlatform(platform, args, services);
  if (args.values.has("prompt")) throw new UsageError("--prompt needs --platform");
  const places = await services.places();
  const here = [
    ...(await checkThisMachine(places)),
    await checkSettings(places, services),
    ...(await checkKeyring(services)),
    await checkDaemon(),
  ];
  await print(services.output, here.map(findingText).join("\n"));
  const [target] = args.positionals;
  const there = target === undefined ? [] : await checkTarget(target, services);
  if (there.length > 0) await print(services.output, [`\n${target}`, ...there.map(findingText)].join("\n"));
  const bad = [...here, ...there].filter((finding) => finding.verdict === "bad").length;
  await print(
    services.output,
    bad === 0 ? "\nAll well." : `\n${bad === 1 ? "One thing needs" : `${bad} things need`} attention.`,
  );
  return bad === 0 ? exitCodes.ok : exitCodes.failed;
}

async function examinePlatform(name: string, args: CliArguments, services: CliServices): Promise<number> {
  if (args.positionals.length > 0) throw new UsageError("a target and --platform exclude each other");
  return (await checkPlatform(name, args.values.get("prompt"), services)) ? exitCodes.ok : exitCodes.failed;
}
