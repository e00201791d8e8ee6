import type { Signer } from "./identity.ts";
import type { KeyAlgorithm } from "./key-algorithm.ts";

/** A person may mistype a passphrase once: no server hears of it. */
const passphraseTries = 2;

/** The passphrase of a key file, from a person; undefined when nobody gives it. */
export type AskPassphrase = (path: string, again: boolean) => Promise<string | undefined>;

/** Signs `data`, with the help of an agent or of a person where it takes one. Rejects when they do not help. */
export async function signWithPerson(
  signer: Signer,
  data: Buffer,
  algorithm: KeyAlgorithm,
  ask: AskPassphrase,
): Promise<Buffer> {
  if (signer.kind !== "locked") return signer.sign(data, algorithm);
  let open = await signer.unlock();
  for (let tries = 0; open === undefined && tries < passphraseTries; tries += 1) {
    const passphrase = await ask(signer.path, tries > 0);
    if (passphrase === undefined) throw new Error("nobody gave its passphrase");
    open = await signer.unlock(passphrase);
  }
  if (open === undefined) throw new Error("its passphrase was wrong");
  return open.sign(data, algorithm);
}
