import type { Signer } from "./identity.ts";
import type { KeyAlgorithm } from "./key-algorithm.ts";

/** A person may mistype a passphrase once: no server hears of it. */
const passphraseTries = 2;

/** The passphrase of a key file, from a person; undefined when nobody gives it. */
export type AskPassphrase = (path: string, again: boolean) => Promise<string | undefined>;

/** A file that a passphrase opens; undefined when it is a wrong one, or none was given and it was not open before. */
interface LockedFile<Content> {
  readonly path: string;
  unlock(passphrase?: string): Promise<Content | undefined>;
}

/** What is in a locked file, with the passphrase from a person where it is not open yet. Rejects when nobody gives the right one. */
export async function openWithPerson<Content>(file: LockedFile<Content>, ask: AskPassphrase): Promise<Content> {
  let open = await file.unlock();
  for (let tries = 0; open === undefined && tries < passphraseTries; tries += 1) {
    const passphrase = await ask(file.path, tries > 0);
    if (passphrase === undefined) throw new Error("nobody gave its passphrase");
    open = await file.unlock(passphrase);
  }
  if (open === undefined) throw new Error("its passphrase was wrong");
  return open;
}

/** Signs `data`, with the help of an agent or of a person where it takes one. Rejects when they do not help. */
export async function signWithPerson(
  signer: Signer,
  data: Buffer,
  algorithm: KeyAlgorithm,
  ask: AskPassphrase,
): Promise<Buffer> {
  if (signer.kind !== "locked") return signer.sign(data, algorithm);
  return (await openWithPerson(signer, ask)).sign(data, algorithm);
}
