import { createPublicKey, type KeyObject } from "node:crypto";
import { WireReader } from "./wire-reader.ts";
import { keyTypeOf, wireMpint, wireString } from "./wire.ts";

/** Curves by their SSH names; each coordinate has `bytes` bytes. */
const curves = [
  { name: "nistp256", crv: "P-256", bytes: 32 },
  { name: "nistp384", crv: "P-384", bytes: 48 },
  { name: "nistp521", crv: "P-521", bytes: 66 },
] as const;

/** The SSH blob of the public half of a key. Throws when SSH has no keys of its type. */
export function publicBlobOf(key: KeyObject): Buffer {
  const jwk = key.export({ format: "jwk" });
  const part = (name: "e" | "n" | "x" | "y"): Buffer => Buffer.from(jwk[name] ?? "", "base64url");
  if (jwk.kty === "RSA") return Buffer.concat([wireString("ssh-rsa"), wireMpint(part("e")), wireMpint(part("n"))]);
  if (jwk.crv === "Ed25519") return Buffer.concat([wireString("ssh-ed25519"), wireString(part("x"))]);
  const curve = curves.find(({ crv }) => crv === jwk.crv);
  if (curve === undefined) throw new Error(`keys of the type ${jwk.crv ?? jwk.kty ?? "unknown"} are not supported`);
  const point = Buffer.concat([Buffer.from([4]), part("x"), part("y")]);
  return Buffer.concat([wireString(`ecdsa-sha2-${curve.name}`), wireString(curve.name), wireString(point)]);
}

/** The public key in a blob of a plain key. Throws when the blob is malformed or of a type that cannot verify here. */
export function publicKeyOf(blob: Buffer): KeyObject {
  const reader = new WireReader(blob);
  const type = reader.text();
  if (type === "ssh-ed25519") {
    const x = reader.string().toString("base64url");
    return createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" });
  }
  if (type === "ssh-rsa") {
    const [e, n] = [reader.string().toString("base64url"), reader.string().toString("base64url")];
    return createPublicKey({ key: { kty: "RSA", e, n }, format: "jwk" });
  }
  const curve = curves.find(({ name }) => type === `ecdsa-sha2-${name}`);
  if (curve === undefined) throw new Error(`keys of the type ${type} cannot verify signatures here`);
  reader.string();
  const point = reader.string();
  if (point[0] !== 4 || point.length !== 1 + 2 * curve.bytes) throw new Error("the point of the key is malformed");
  const x = point.subarray(1, 1 + curve.bytes).toString("base64url");
  const y = point.subarray(1 + curve.bytes).toString("base64url");
  return createPublicKey({ key: { kty: "EC", crv: curve.crv, x, y }, format: "jwk" });
}

/** The blob in the text of a `.pub` file, key or certificate; undefined when it holds none. */
export function publicBlobIn(text: string): Buffer | undefined {
  for (const line of text.split(/\r?\n/)) {
    const [type, encoded] = line.trim().split(/\s+/);
    if (type === undefined || encoded === undefined || type.startsWith("#")) continue;
    const blob = Buffer.from(encoded, "base64");
    if (keyTypeOf(blob) === type) return blob;
  }
  return undefined;
}

/** How a private key in OpenSSH's own format begins, when its lines are decoded. */
const openSshMagic = "openssh-key-v1\0";

/** The public blob that a private key in OpenSSH's own format tells of itself, encrypted or not; undefined for other text. */
export function publicBlobInPrivateKey(text: string): Buffer | undefined {
  const body = /-----BEGIN OPENSSH PRIVATE KEY-----([^-]*)-----END/.exec(text)?.[1];
  if (body === undefined) return undefined;
  const bytes = Buffer.from(body, "base64");
  if (bytes.toString("latin1", 0, openSshMagic.length) !== openSshMagic) return undefined;
  try {
    const reader = new WireReader(bytes.subarray(openSshMagic.length));
    for (let skipped = 0; skipped < 3; skipped += 1) reader.string();
    return reader.uint32() === 1 ? Buffer.from(reader.string()) : undefined;
  } catch {
    return undefined;
  }
}
