import { createInterface } from "node:readline/promises";
import { exitCodes, type CliArguments, type CliCommand } from "./cli-command.ts";
import type { CliServices, TrustOffer } from "./cli-services.ts";
import { print } from "./print.ts";

/** `holdfast trust`: shows the host key that a target offers and remembers it when a person says so. */
export const trustCommand: CliCommand = {
  name: "trust",
  usage: "<target> [--yes] [--replace]",
  summary: "check and remember a host's key",
  details: [
    "Connects only as far as the key; nothing is sent to the host. Compare the fingerprint with the one its administrator gives you:",
    "  ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub    (on the host)",
    "--yes takes an unknown key without asking; a changed key needs --replace too.",
    "The key goes to Holdfast's own known_hosts file; yours is never written.",
  ],
  options: { yes: { type: "boolean", short: "y" }, replace: { type: "boolean" } },
  positionals: { least: 1, most: 1 },
  run: trust,
};

async function trust(args: CliArguments, services: CliServices): Promise<number> {
  const [target = ""] = args.positionals;
  const offer = await services.offerTrust(target);
  await print(services.output, `${offer.address} offers the key\n  ${offer.keyType} ${offer.fingerprint}`);
  if (offer.standing === "known") {
    await print(services.output, "✔ This key is known already.");
    return exitCodes.ok;
  }
  if (offer.standing === "revoked") {
    await print(
      services.output,
      `✘ This key is revoked (${offer.known ?? "known_hosts"}): never trust it. Ask the host's administrator.`,
    );
    return exitCodes.failed;
  }
  if (offer.standing === "changed") {
    await print(
      services.output,
      `✘ Another key is known for this host (${offer.known ?? "known_hosts"}). Somebody may be in between: ask the host's administrator.`,
    );
  }
  if (!(await confirmed(offer, args, services))) {
    await print(services.errors, "Nothing was changed.");
    return exitCodes.failed;
  }
  await print(services.output, offer.accept().join("\n"));
  return exitCodes.ok;
}

async function confirmed(offer: TrustOffer, args: CliArguments, services: CliServices): Promise<boolean> {
  const changed = offer.standing === "changed";
  if (args.flags.has("yes") && (!changed || args.flags.has("replace"))) return true;
  if (!services.interactive) {
    await print(
      services.errors,
      `Nobody is there to ask. If the fingerprint is right: holdfast trust <target> --yes${changed ? " --replace" : ""}`,
    );
    return false;
  }
  const question = createInterface({ input: services.input, output: services.errors });
  try {
    const word = changed ? "replace" : "yes";
    const answer = await question.question(`Is this the host's key? Type ${word} to remember it: `, {
      signal: services.interrupted,
    });
    return answer.trim().toLowerCase() === word;
  } finally {
    question.close();
  }
}
