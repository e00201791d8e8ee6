import { exitCodes, type CliArguments, type CliCommand } from "./cli-command.ts";
import type { CliServices } from "./cli-services.ts";
import { checkDaemon } from "./daemon-check.ts";
import { findingText } from "./finding.ts";
import { checkThisMachine } from "./local-checks.ts";
import { checkKeyring } from "./keyring-check.ts";
import { checkSettings } from "./settings-check.ts";
import { print } from "./print.ts";
import { checkTarget } from "./target-checks.ts";

/** `holdfast doctor`: is everything there, and does a target work? */
export const doctorCommand: CliCommand = {
  name: "doctor",
  usage: "[target]",
  summary: "check this machine, and a target",
  details: [
    "With a target: what it resolves to and from where, then connection, host key, login, and what a session there offers.",
    "Exit code 1 when something is wrong; each such line says what to do.",
  ],
  options: {},
  positionals: { least: 0, most: 1 },
  run: examine,
};

async function examine(args: CliArguments, services: CliServices): Promise<number> {
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
