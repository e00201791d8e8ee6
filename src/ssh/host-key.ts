import { createHash } from "node:crypto";
import type { HoldfastError } from "../base/index.ts";
import { keyTypeOf } from "./wire.ts";

/** `SHA256:<base64 without padding>` of a public key blob, as OpenSSH prints it. */
export function fingerprint(blob: Uint8Array): string {
  return `SHA256:${createHash("sha256").update(blob).digest("base64").replace(/=+$/, "")}`;
}

/** The short name people know a key type by: `ED25519`, `ECDSA`, `RSA`. */
export function keyTypeName(blob: Uint8Array): string {
  const type = keyTypeOf(blob) ?? "unknown";
  if (type.startsWith("ecdsa-")) return "ECDSA";
  return type.replace(/^ssh-/, "").toUpperCase();
}

/** Signature algorithms for host keys, best first. SHA-1 signatures (`ssh-rsa`) are not accepted. */
const hostKeyAlgorithms = [
  "ssh-ed25519",
  "ecdsa-sha2-nistp256",
  "ecdsa-sha2-nistp384",
  "ecdsa-sha2-nistp521",
  "rsa-sha2-512",
  "rsa-sha2-256",
] as const;

export type HostKeyAlgorithm = (typeof hostKeyAlgorithms)[number];

function keyTypeFor(algorithm: HostKeyAlgorithm): string {
  return algorithm.startsWith("rsa-") ? "ssh-rsa" : algorithm;
}

/** All algorithms, those of `knownTypes` first: a server with several keys is asked for the one that we can check. */
export function orderHostKeyAlgorithms(knownTypes: readonly string[]): HostKeyAlgorithm[] {
  const known = hostKeyAlgorithms.filter((algorithm) => knownTypes.includes(keyTypeFor(algorithm)));
  return [...known, ...hostKeyAlgorithms.filter((algorithm) => !known.includes(algorithm))];
}

/** Judges the key that a server shows. */
export interface HostKeyJudge {
  /** What to ask the server for, best first. */
  readonly algorithms: HostKeyAlgorithm[];
  /** Why the key was refused, once it was. */
  readonly refusal: HoldfastError | undefined;
  accepts(key: Buffer): boolean;
}
