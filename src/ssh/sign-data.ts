import { sign, verify, type KeyObject } from "node:crypto";
import { WireReader } from "./wire-reader.ts";
import { wireMpint, wireString } from "./wire.ts";

/** Hash of each signature algorithm, and for ECDSA the length of each half of the signature in bytes; ed25519 has none of both. */
const hashes: Readonly<Record<string, { readonly hash: string; readonly halfBytes?: number }>> = {
  "rsa-sha2-512": { hash: "sha512" },
  "rsa-sha2-256": { hash: "sha256" },
  "ecdsa-sha2-nistp256": { hash: "sha256", halfBytes: 32 },
  "ecdsa-sha2-nistp384": { hash: "sha384", halfBytes: 48 },
  "ecdsa-sha2-nistp521": { hash: "sha512", halfBytes: 66 },
};

/** RSA as old servers know it: made where somebody has asked for it, never taken. */
const oldHash: { readonly hash: string; readonly halfBytes?: number } = { hash: "sha1" };

/** A whole SSH signature of `data`, with the algorithm's name in it. Throws when the key cannot sign so. */
export function signData(key: KeyObject, algorithm: string, data: Buffer): Buffer {
  const how = algorithm === "ssh-rsa" ? oldHash : hashes[algorithm];
  if (how === undefined && algorithm !== "ssh-ed25519") throw new Error(`no way to sign with ${algorithm}`);
  if (how?.halfBytes === undefined) {
    return Buffer.concat([wireString(algorithm), wireString(sign(how?.hash ?? null, data, key))]);
  }
  const halves = sign(how.hash, data, { key, dsaEncoding: "ieee-p1363" });
  const numbers = [wireMpint(halves.subarray(0, how.halfBytes)), wireMpint(halves.subarray(how.halfBytes))];
  return Buffer.concat([wireString(algorithm), wireString(Buffer.concat(numbers))]);
}

/** A number of the wire as `length` bytes. Throws when it is larger. */
function fixedLength(number: Buffer, length: number): Buffer {
  const excess = Math.max(0, number.length - length);
  if (number.subarray(0, excess).some((byte) => byte !== 0)) throw new RangeError("the number is too large");
  const digits = number.subarray(excess);
  return Buffer.concat([Buffer.alloc(length - digits.length), digits]);
}

/** Whether `signature` (a whole SSH signature) is one of `data` by `key`. SHA-1 signatures and everything malformed are not. */
export function verifyData(key: KeyObject, data: Buffer, signature: Buffer): boolean {
  try {
    const reader = new WireReader(signature);
    const algorithm = reader.text();
    const value = reader.string();
    const how = hashes[algorithm];
    if (how === undefined && algorithm !== "ssh-ed25519") return false;
    if (how?.halfBytes === undefined) return verify(how?.hash ?? null, data, key, value);
    const numbers = new WireReader(value);
    const halves = [numbers.string(), numbers.string()].map((number) => fixedLength(number, how.halfBytes ?? 0));
    return verify(how.hash, data, { key, dsaEncoding: "ieee-p1363" }, Buffer.concat(halves));
  } catch {
    return false;
  }
}
