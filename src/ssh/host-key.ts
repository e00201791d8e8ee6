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

/** The same with a certificate. */
const withCertificate = (algorithm: string): string => `${algorithm}-cert-v01@openssh.com`;

/** How authorities of certificates may sign: as hosts do, never with SHA-1. */
export const authoritySignatures: readonly string[] = hostKeyAlgorithms;

/** All that can be asked of a server, SHA-1 among it: that only where somebody has named it. */
export const knownHostKeyAlgorithms: readonly string[] = [
  ...hostKeyAlgorithms.map(withCertificate),
  ...hostKeyAlgorithms,
  "ssh-rsa",
];

export type HostKeyAlgorithm = (typeof hostKeyAlgorithms)[number];

function keyTypeFor(algorithm: HostKeyAlgorithm): string {
  return algorithm.startsWith("rsa-") ? "ssh-rsa" : algorithm;
}

/** What to ask a server for, best first. */
export interface HostKeyAlgorithms {
  /** Asked for before plain keys. */
  readonly certificates: readonly string[];
  readonly plain: HostKeyAlgorithm[];
}

/**
 * All algorithms, those of `knownTypes` first: a server with several keys is asked for the one that we can check.
 * Certificates are asked for where an authority is known for the host (`authority`). Where keys are only revoked (`revoked`) they are asked for,
 * too, so that a revoked authority is seen; but then only with keys of the known types, if there are any, as others could not be checked.
 */
export function orderHostKeyAlgorithms(
  knownTypes: readonly string[],
  certificates: "authority" | "revoked" | "none",
): HostKeyAlgorithms {
  const known = hostKeyAlgorithms.filter((algorithm) => knownTypes.includes(keyTypeFor(algorithm)));
  const checked = certificates === "authority" || known.length === 0 ? hostKeyAlgorithms : known;
  return {
    certificates: certificates === "none" ? [] : checked.map(withCertificate),
    plain: [...known, ...hostKeyAlgorithms.filter((algorithm) => !known.includes(algorithm))],
  };
}

/** Judges the key that a server shows. */
export interface HostKeyJudge {
  readonly algorithms: HostKeyAlgorithms;
  /** Why the key was refused, once it was. */
  readonly refusal: HoldfastError | undefined;
  /** `key` is a key or a certificate, as the server showed it. */
  accepts(key: Buffer): boolean;
}
