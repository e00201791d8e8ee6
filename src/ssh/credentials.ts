import type { AnyAuthMethod, ParsedKey } from "ssh2";
import type { HoldfastError } from "../base/index.ts";
import { listAgentKeys, type AgentKey } from "./agent-keys.ts";
import type { ConnectPlan } from "./engine.ts";
import { readKeyFile, type KeyFile } from "./private-key.ts";
import type { Ssh2Library } from "./ssh2-library.ts";

/** One key to offer, and how messages name it. */
export interface KeyOffer {
  readonly label: string;
  readonly method: AnyAuthMethod;
  /** The key itself, when it is from a file. */
  readonly privateKey: ParsedKey | undefined;
}

export interface Credentials {
  readonly keys: readonly KeyOffer[];
  readonly password: string | undefined;
  /** Key files that are there but were left out, and why: the first thing to know when the login fails. */
  readonly leftOut: readonly string[];
}

/** OpenSSH ends the connection after 6 failed attempts (MaxAuthTries); a password must still find room. */
const mostKeys = 5;

function agentOffer(user: string, key: AgentKey, label: string): KeyOffer {
  return { label, privateKey: undefined, method: { type: "agent", username: user, agent: key.agent } };
}

/** The offer for a key file: through the agent when that has the key (it needs no passphrase), else the file itself. */
function fileOffer(user: string, file: KeyFile, agentKeys: readonly AgentKey[]): KeyOffer | undefined {
  if (file.kind === "missing") return undefined;
  const blob = file.kind === "key" ? file.key.getPublicSSH() : file.publicBlob;
  const inAgent = agentKeys.find((key) => blob?.equals(key.blob) === true);
  if (inAgent !== undefined) return agentOffer(user, inAgent, `${file.path} (agent)`);
  if (file.kind !== "key") return undefined;
  return { label: file.path, privateKey: file.key, method: { type: "publickey", username: user, key: file.key } };
}

/** Why it makes no sense to connect: a file that the caller named is of no use, or none is and there is nothing else to offer. */
function uselessFile(
  plan: ConnectPlan,
  files: readonly KeyFile[],
  offers: readonly (KeyOffer | undefined)[],
): HoldfastError | undefined {
  const useless = files.flatMap((file, at) =>
    file.kind === "unusable" && offers[at] === undefined ? [{ error: file.error, at }] : [],
  );
  const named = useless.find(({ at }) => plan.identityFiles[at]?.explicit === true);
  const nothingElse =
    plan.password === undefined &&
    (plan.agentSocket === undefined || plan.identitiesOnly) &&
    offers.every((offer) => offer === undefined);
  return (named ?? (nothingElse ? useless[0] : undefined))?.error;
}

/** Reads key files and asks the agent. Rejects with `key_unreadable` when a named file is of no use, or all are and nothing else is there. */
export async function gatherCredentials(library: Ssh2Library, plan: ConnectPlan): Promise<Credentials> {
  const [files, agentKeys] = await Promise.all([
    Promise.all(
      plan.identityFiles.map(({ path, explicit }) =>
        readKeyFile(library, { path, explicit, passphrase: plan.passphrase }),
      ),
    ),
    plan.agentSocket === undefined ? [] : listAgentKeys(library, plan.agentSocket),
  ]);
  const offers = files.map((file) => fileOffer(plan.user, file, agentKeys));
  const error = uselessFile(plan, files, offers);
  if (error !== undefined) throw error;
  const named = offers.flatMap((offer) => offer ?? []);
  const explicit = offers.filter((_, at) => plan.identityFiles[at]?.explicit === true).flatMap((offer) => offer ?? []);
  const viaAgent = named.filter((offer) => offer.method.type === "agent");
  const others = plan.identitiesOnly
    ? []
    : agentKeys
        .filter((key) => !viaAgent.some((offer) => offer.method.type === "agent" && offer.method.agent === key.agent))
        .map((key) => agentOffer(plan.user, key, `${key.comment === "" ? "a key" : key.comment} (agent)`));
  // As OpenSSH orders them, but for keys that the caller named: those come first.
  const keys = [...new Set([...explicit, ...viaAgent, ...others, ...named])].slice(0, mostKeys);
  const leftOut = files.flatMap((file, at) =>
    file.kind === "unusable" && offers[at] === undefined ? [file.error.message] : [],
  );
  return { keys, password: plan.password, leftOut };
}
