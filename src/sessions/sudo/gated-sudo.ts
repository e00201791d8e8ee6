import type { AskingProgram } from "./asker.ts";
import { argumentEnd, lineEnd, quoted, type Facts } from "./asker-facts.ts";

/** sudo-rs before 0.2.11: it does not know `-A`. */
const withoutAskpass = /^sudo-rs 0\.(?:[01]\.|2\.(?:\d|10)(?!\d))/;

/** What stands for sudo says in the name of one that cannot ask by itself: never more than likely. */
const doubt =
  "the sudo of this host cannot ask by itself, so a program of the user asks for it, and nobody can see who reads the answer";

/**
 * Whether who asks is our own unchanged stand-in for sudo (`host/sudo.sh`), on a host whose sudo does not know `-A` (by its version, or `gated`), with that sudo
 * beneath it, as root, waiting for a password: what a person is told then. Undefined when it is not.
 */
export function gatedSudo(
  facts: Facts,
  { wrapper, gated }: Pick<AskingProgram, "wrapper" | "gated">,
): { readonly doubt: string; readonly command: string } | undefined {
  if (facts.get("wrapper") !== wrapper.text.replaceAll("\n", lineEnd)) return undefined;
  if (facts.has("wrapped") || facts.has("env")) return undefined;
  const [, script, ...words] = facts.get("command").split(argumentEnd);
  if (script !== wrapper.path) return undefined;
  const version = versionBeneath(facts);
  if (version === undefined || (gated !== true && !withoutAskpass.test(version))) return undefined;
  return { doubt, command: quoted(["sudo", ...words].join(argumentEnd)) };
}

/** What the one sudo beneath it is, if that waits for a password, and is one of those where distributions put them. */
function versionBeneath(facts: Facts): string | undefined {
  const sudos = facts.all("gate");
  const [program = "", ...options] = sudos[0]?.split(argumentEnd) ?? [];
  if (sudos.length !== 1 || !/^-S -v -p gate-\d+-[0-9a-f]{16} $/.test(options.join(" "))) return undefined;
  const known = facts.all("version").find((line) => line.startsWith(`${program} `));
  return known?.slice(program.length + 1);
}
