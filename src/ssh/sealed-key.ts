import type { KeyOffer } from "./credentials.ts";
import type { ConnectPlan } from "./engine.ts";
import { fileSigner, identityOf } from "./identity.ts";
import { readKeyFile, type KeyFile } from "./private-key.ts";
import { openWithPerson, type AskPassphrase } from "./sign-with-person.ts";
import type { Ssh2Library } from "./ssh2-library.ts";
import { waysToSign } from "./ways-to-sign.ts";

/** An encrypted key file that does not tell which key it holds: a person has to open it before a server can be shown anything. */
export interface SealedKey {
  readonly path: string;
  /** What there is to offer once a person has given the passphrase; rejects when nobody gives the right one. */
  open(ask: AskPassphrase): Promise<readonly KeyOffer[]>;
}

/** The files of which only the right passphrase tells which key they hold. */
export function sealedKeys(library: Ssh2Library, plan: ConnectPlan, files: readonly KeyFile[]): readonly SealedKey[] {
  return files.flatMap((file) => {
    if (file.kind !== "unusable" || file.locked !== true || file.publicBlob !== undefined) return [];
    const { path } = file;
    const unlock = async (passphrase?: string): Promise<readonly KeyOffer[] | undefined> => {
      if (passphrase === undefined) return undefined;
      const read = await readKeyFile(library, { path, explicit: true, passphrase });
      if (read.kind === "unusable" && read.locked !== true) throw read.error;
      if (read.kind !== "key") return undefined;
      return waysToSign(plan, { label: path, identity: identityOf(read.publicBlob, fileSigner(read.privateKey)) });
    };
    return [{ path, open: (ask: AskPassphrase) => openWithPerson({ path, unlock }, ask) }];
  });
}
