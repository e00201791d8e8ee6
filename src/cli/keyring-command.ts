import { exitCodes, UsageError, type CliArguments, type CliCommand } from "./cli-command.ts";
import type { CliServices, KeptSecret } from "./cli-services.ts";
import { print } from "./print.ts";
import { readTypedLine, withSilentTerminal } from "./typed-line.ts";

const purposes = ["login", "sudo", "enable", "passphrase"] as const;

/** `holdfast keyring`: a person keeps a secret of a target in the keyring, or takes it out. */
export const keyringCommand: CliCommand = {
  name: "keyring",
  usage: "<set|remove> <target> [--for login|sudo|enable|passphrase]",
  summary: "keep a password in this machine's keyring",
  details: [
    "The password is typed, and not shown. It is looked for before a person is asked, where the settings file says",
    "  secrets: { keyring: true }",
    "--for    what it is for; login where it is left out; passphrase: of the first key that the target names",
  ],
  options: { for: { type: "string" } },
  positionals: { least: 2, most: 2 },
  run: keep,
};

async function keep(args: CliArguments, services: CliServices): Promise<number> {
  const [verb = "", target = ""] = args.positionals;
  const purpose = purposes.find((one) => one === (args.values.get("for") ?? "login"));
  if (purpose === undefined) throw new UsageError(`--for takes ${purposes.join(", ")}`);
  if (verb !== "set" && verb !== "remove") throw new UsageError(`"${verb}" is neither set nor remove`);
  const kept = await services.keptSecret(target, purpose);
  return verb === "set" ? set(kept, services) : remove(kept, services);
}

async function remove(kept: KeptSecret, services: CliServices): Promise<number> {
  const was = await kept.remove();
  await print(services.output, was ? `✔ Removed: ${kept.account}` : `· Nothing was kept as ${kept.account}`);
  return exitCodes.ok;
}

async function set(kept: KeptSecret, services: CliServices): Promise<number> {
  const { input, output, errors, interactive, interrupted: signal } = services;
  if (!interactive) {
    await print(errors, "What is kept is typed at a terminal, and this is none.");
    return exitCodes.failed;
  }
  const label = `${kept.account} (not shown): `;
  const typed = await withSilentTerminal(input, () => readTypedLine({ input, output, label, hidden: true, signal }));
  if (typed.kind !== "line" || typed.text === "") {
    await print(errors, "Nothing was changed.");
    return exitCodes.failed;
  }
  await kept.write(typed.text);
  const note = kept.asked ? "" : "\n· It is not asked yet: the settings file needs secrets: { keyring: true }";
  await print(output, `✔ Kept as ${kept.account}${note}`);
  return exitCodes.ok;
}
