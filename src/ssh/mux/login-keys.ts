import { gatherCredentials, type KeyOffer } from "../credentials.ts";
import type { ConnectPlan } from "../engine.ts";
import { readKeyFile } from "../private-key.ts";
import type { Ssh2Library } from "../ssh2-library.ts";
import { keyTypeOf } from "../wire.ts";

/** What a login through ssh has to offer. */
export interface LoginKeys {
  /** Offered by an agent of ours. */
  readonly keys: readonly KeyOffer[];
  /** Files that ssh reads itself: of keys on FIDO tokens, and such as do not tell which key they hold before a person has opened them. */
  readonly ownFiles: readonly string[];
  /** Key files that could not be used, and why. */
  readonly leftOut: readonly string[];
}

/** Finds what our own engine would offer, and beside that what only ssh can use. Rejects as `gatherCredentials` does. */
export async function gatherLoginKeys(library: Ssh2Library, plan: ConnectPlan, people: boolean): Promise<LoginKeys> {
  const { passphrase } = plan;
  const tokens = await Promise.all(
    plan.identityFiles.map(async ({ path }) => {
      const read = await readKeyFile(library, { path, explicit: true, passphrase });
      const blob = read.kind === "unusable" ? read.publicBlob : undefined;
      return blob !== undefined && keyTypeOf(blob)?.startsWith("sk-") === true ? { path, blob } : undefined;
    }),
  );
  // What is no key for us may be one for ssh.
  const identityFiles = plan.identityFiles.map((file, at) =>
    tokens[at] === undefined ? file : { ...file, explicit: false },
  );
  const more = tokens.some((token) => token !== undefined) || Object.keys(plan.sshOptions ?? {}).length > 0;
  const { keys, sealed, leftOut } = await gatherCredentials(library, { ...plan, identityFiles }, people || more);
  const tokenFiles = tokens.flatMap((token) =>
    token === undefined || keys.some(({ identity }) => identity.blob.equals(token.blob)) ? [] : [token.path],
  );
  const ownFiles = [...tokenFiles, ...(people ? sealed.map(({ path }) => path) : [])];
  return { keys, ownFiles, leftOut: leftOut.filter((why) => !tokenFiles.some((path) => why.includes(path))) };
}
