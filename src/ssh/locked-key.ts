import { fileSigner, type FileSigner, type Signer } from "./identity.ts";
import { readKeyFile, type KeyFile } from "./private-key.ts";
import type { Ssh2Library } from "./ssh2-library.ts";

/** A key file that can sign when a person has given its passphrase. */
export interface LockedKey {
  readonly publicBlob: Buffer;
  readonly signer: Signer;
}

/** The files that only lack the right passphrase, as far as it is known which keys they hold. A file that was unlocked once stays so for this login. */
export function lockedKeys(library: Ssh2Library, files: readonly KeyFile[]): readonly LockedKey[] {
  return files.flatMap((file) => {
    if (file.kind !== "unusable" || file.locked !== true || file.publicBlob === undefined) return [];
    const { path, publicBlob } = file;
    let open: FileSigner | undefined;
    const unlock = async (passphrase?: string): Promise<FileSigner | undefined> => {
      if (open !== undefined || passphrase === undefined) return open;
      const read = await readKeyFile(library, { path, explicit: true, passphrase });
      if (read.kind === "unusable" && read.locked !== true) throw read.error;
      if (read.kind !== "key") return undefined;
      if (!read.publicBlob.equals(publicBlob)) throw new Error("it holds another key than its public part says");
      open = fileSigner(read.privateKey);
      return open;
    };
    return [{ publicBlob, signer: { kind: "locked", path, unlock } }];
  });
}
