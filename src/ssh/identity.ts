import type { KeyObject } from "node:crypto";
import { signByAgent } from "./agent-client.ts";
import type { KeyAlgorithm } from "./key-algorithm.ts";
import { signData } from "./sign-data.ts";
import { keyTypeOf } from "./wire.ts";

/** A key or certificate to log in with, and who signs for it. */
export interface Identity {
  /** What is shown to the server. */
  readonly blob: Buffer;
  readonly type: string;
  readonly signer: Signer;
  /** How an RSA key may sign; undefined: in all safe ways. */
  readonly signatures?: readonly string[];
}

/** `file` signs at once; `agent` may need a person first, so that the server is asked before whether the key would do. */
export type Signer =
  | FileSigner
  | { readonly kind: "agent"; sign(data: Buffer, algorithm: KeyAlgorithm): Promise<Buffer> }
  /** A key file whose passphrase a person must give first; undefined when it is a wrong one. */
  | { readonly kind: "locked"; readonly path: string; unlock(passphrase?: string): Promise<FileSigner | undefined> };

/** Signs at once. */
export interface FileSigner {
  readonly kind: "file";
  sign(data: Buffer, algorithm: KeyAlgorithm): Buffer;
}

/** Signs with a key that this process has read. */
export function fileSigner(key: KeyObject): FileSigner {
  return { kind: "file", sign: (data, algorithm) => signData(key, algorithm.signature, data) };
}

/** Signs with the key `blob` of the agent at `socketPath`. Rejects when that makes another kind of signature than asked for: old agents know SHA-1 only. */
export function agentSigner(socketPath: string, blob: Buffer): Signer {
  const sign = async (data: Buffer, algorithm: KeyAlgorithm): Promise<Buffer> => {
    const signature = await signByAgent(socketPath, { blob, data, flags: algorithm.agentFlags });
    const made = keyTypeOf(signature) ?? "nothing";
    const isWanted = made === algorithm.signature || made === `webauthn-${algorithm.signature}`;
    if (!isWanted) throw new Error(`the agent signed with ${made} instead of ${algorithm.signature}`);
    return signature;
  };
  return { kind: "agent", sign };
}

/** The identity that shows `blob` (a key or a certificate for it) and has `signer` sign. */
export function identityOf(blob: Buffer, signer: Signer): Identity {
  return { blob, type: keyTypeOf(blob) ?? "", signer };
}
