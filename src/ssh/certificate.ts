import { isCertificateType, plainKeyType } from "./key-algorithm.ts";
import { publicKeyOf } from "./public-key.ts";
import { verifyData } from "./sign-data.ts";
import { WireReader } from "./wire-reader.ts";
import { wireString } from "./wire.ts";

/** An OpenSSH certificate (PROTOCOL.certkeys). */
export interface Certificate {
  readonly kind: "user" | "host";
  readonly keyId: string;
  /** The same as it stands in the certificate. */
  readonly keyIdBytes: Buffer;
  /** As the authority numbers its certificates; 0 where it does not. */
  readonly serial: bigint;
  /** The blob of the key that it certifies. */
  readonly plainKey: Buffer;
  /** Who it is for: users or hosts; for anyone when empty. */
  readonly principals: readonly string[];
  /** Seconds since 1970. */
  readonly validAfterS: number;
  readonly validBeforeS: number;
  readonly hasCriticalOptions: boolean;
  /** The blob of the key of the authority that signed it. */
  readonly authority: Buffer;
  readonly signed: Buffer;
  readonly signature: Buffer;
}

/** How many fields the public key has in a certificate, after the nonce. */
const keyFields: Readonly<Record<string, number>> = {
  "ssh-ed25519": 1,
  "ssh-rsa": 2,
  "ecdsa-sha2-nistp256": 2,
  "ecdsa-sha2-nistp384": 2,
  "ecdsa-sha2-nistp521": 2,
  "sk-ssh-ed25519@openssh.com": 2,
  "sk-ecdsa-sha2-nistp256@openssh.com": 3,
};

/** No certificate lists more (OpenSSH's SSHKEY_CERT_MAX_PRINCIPALS). */
const mostPrincipals = 256;

function readPrincipals(list: Buffer): readonly string[] {
  const reader = new WireReader(list);
  const names: string[] = [];
  while (!reader.atEnd) {
    if (names.length === mostPrincipals) throw new RangeError("too many principals");
    names.push(reader.text());
  }
  return names;
}

/** The certificate in a key blob; undefined when it is none, or malformed. */
export function parseCertificate(blob: Buffer): Certificate | undefined {
  try {
    const reader = new WireReader(blob);
    const type = reader.text();
    const plainType = plainKeyType(type);
    const fields = keyFields[plainType];
    if (!isCertificateType(type) || fields === undefined) return undefined;
    reader.string();
    const from = reader.offset;
    for (let field = 0; field < fields; field += 1) reader.string();
    const plainKey = Buffer.concat([wireString(plainType), reader.slice(from, reader.offset)]);
    const serial = reader.uint64();
    const kind = reader.uint32();
    if (kind !== 1 && kind !== 2) return undefined;
    const keyIdBytes = reader.string();
    const keyId = keyIdBytes.toString("utf8");
    const principals = readPrincipals(reader.string());
    const validAfterS = Number(reader.uint64());
    const validBeforeS = Number(reader.uint64());
    const hasCriticalOptions = reader.string().length > 0;
    reader.string();
    reader.string();
    const authority = reader.string();
    const signed = reader.slice(0, reader.offset);
    const signature = reader.string();
    if (!reader.atEnd) return undefined;
    const facts = { keyId, keyIdBytes, serial, plainKey, principals, validAfterS, validBeforeS, hasCriticalOptions };
    return { ...facts, kind: kind === 1 ? "user" : "host", authority, signed, signature };
  } catch {
    return undefined;
  }
}

/** Whether the authority that the certificate names has signed it. Never throws. */
export function isSignedByAuthority(certificate: Certificate): boolean {
  try {
    return verifyData(publicKeyOf(certificate.authority), certificate.signed, certificate.signature);
  } catch {
    return false;
  }
}
