import { createPrivateKey, randomBytes, type KeyObject } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import type { ParsedKey } from "ssh2";
import { HoldfastError, messageOf } from "../base/index.ts";
import type { Ssh2Library } from "./ssh2-library.ts";
import { wireString } from "./wire.ts";

/** No private key is larger; anything beyond is another file. */
const largestKeyBytes = 256 * 1024;

export type KeyFile =
  | { readonly kind: "key"; readonly path: string; readonly key: ParsedKey }
  | { readonly kind: "missing"; readonly path: string }
  /** It is there but cannot be used; `publicBlob` is from the `.pub` file beside it, by which an agent may have it. */
  | {
      readonly kind: "unusable";
      readonly path: string;
      readonly error: HoldfastError;
      readonly publicBlob: Buffer | undefined;
    };

interface KeyRequest {
  readonly path: string;
  readonly explicit: boolean;
  readonly passphrase: string | undefined;
}

function pem(label: string, der: Buffer): string {
  const lines = der.toString("base64").replaceAll(/.{70}/g, "$&\n").trimEnd();
  return `-----BEGIN ${label}-----\n${lines}\n-----END ${label}-----\n`;
}

function openSshEd25519(key: KeyObject): string {
  const { x = "", d = "" } = key.export({ format: "jwk" });
  const publicPart = Buffer.from(x, "base64url");
  const blob = Buffer.concat([wireString("ssh-ed25519"), wireString(publicPart)]);
  const check = randomBytes(4);
  const secret = wireString(Buffer.concat([Buffer.from(d, "base64url"), publicPart]));
  const body = Buffer.concat([check, check, wireString("ssh-ed25519"), wireString(publicPart), secret, wireString("")]);
  // Padding is 1, 2, 3, ... up to the block size of 8 (PROTOCOL.key §3).
  const padding = Buffer.from([1, 2, 3, 4, 5, 6, 7].slice(0, (8 - (body.length % 8)) % 8));
  const parts = [
    Buffer.from("openssh-key-v1\0"),
    wireString("none"),
    wireString("none"),
    wireString(""),
    Buffer.from([0, 0, 0, 1]),
    wireString(blob),
    wireString(Buffer.concat([body, padding])),
  ];
  return pem("OPENSSH PRIVATE KEY", Buffer.concat(parts));
}

/** A PKCS#8 key, which ssh2 cannot read, in a format that it can. Throws what OpenSSL says. */
function recodePkcs8(text: string, passphrase: string | undefined): string {
  const key = createPrivateKey(passphrase === undefined ? { key: text } : { key: text, passphrase });
  const type = key.asymmetricKeyType;
  if (type === "rsa") return key.export({ type: "pkcs1", format: "pem" }).toString();
  if (type === "ec") return key.export({ type: "sec1", format: "pem" }).toString();
  if (type === "ed25519") return openSshEd25519(key);
  throw new Error(`keys of the type ${type ?? "unknown"} are not supported`);
}

function unreadable(path: string, why: string, hint: string, cause?: unknown): HoldfastError {
  return new HoldfastError("key_unreadable", `the private key ${path} ${why}`, { hint, cause });
}

/** What the parsers say about encrypted keys, in our words. */
function parseFailure(path: string, reason: unknown, passphrase: string | undefined): HoldfastError {
  const message = messageOf(reason);
  if (
    /no passphrase given|passphrase required|missing passphrase|interrupted or cancelled|empty password/i.test(message)
  ) {
    return unreadable(
      path,
      "is encrypted and no passphrase was given",
      "Give its passphrase, or load it into the agent: ssh-add",
      reason,
    );
  }
  if (
    passphrase !== undefined &&
    /bad passphrase|bad decrypt|integrity check|unable to authenticate|decrypt|malformed/i.test(message)
  ) {
    return unreadable(
      path,
      "cannot be decrypted: the passphrase is wrong",
      "Give the right passphrase, or load the key into the agent: ssh-add",
      reason,
    );
  }
  return unreadable(
    path,
    `cannot be read: ${message}`,
    "Check that it is a private key that ssh-keygen -y can read",
    reason,
  );
}

function parse(
  library: Ssh2Library,
  path: string,
  bytes: Buffer,
  passphrase: string | undefined,
): ParsedKey | HoldfastError {
  try {
    const text = bytes.toString("latin1");
    const readable = /-----BEGIN (?:ENCRYPTED )?PRIVATE KEY-----/.test(text)
      ? Buffer.from(recodePkcs8(text, passphrase))
      : bytes;
    const key = library.utils.parseKey(readable, passphrase);
    if (key instanceof Error) return parseFailure(path, key, passphrase);
    if (!key.isPrivateKey()) return unreadable(path, "holds only a public key", "Name the file without .pub");
    return key;
  } catch (error) {
    return parseFailure(path, error, passphrase);
  }
}

async function publicBlobBeside(library: Ssh2Library, path: string): Promise<Buffer | undefined> {
  try {
    const key = library.utils.parseKey(await readFile(`${path}.pub`));
    return key instanceof Error ? undefined : key.getPublicSSH();
  } catch {
    return undefined;
  }
}

async function readBounded(path: string): Promise<Buffer> {
  const facts = await stat(path);
  if (!facts.isFile()) throw new Error("it is no regular file");
  if (facts.size > largestKeyBytes) throw new Error("it is too large for a key");
  return readFile(path);
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR");
}

/** Reads a private key of any format that OpenSSH writes; never throws. A missing file is `unusable` when it was named explicitly. */
export async function readKeyFile(library: Ssh2Library, request: KeyRequest): Promise<KeyFile> {
  const { path, passphrase } = request;
  try {
    const key = parse(library, path, await readBounded(path), passphrase);
    if (!(key instanceof HoldfastError)) return { kind: "key", path, key };
    return { kind: "unusable", path, error: key, publicBlob: await publicBlobBeside(library, path) };
  } catch (error) {
    const publicBlob = await publicBlobBeside(library, path);
    if (isMissing(error) && publicBlob === undefined && !request.explicit) return { kind: "missing", path };
    const why = isMissing(error) ? "does not exist" : `cannot be read: ${messageOf(error)}`;
    return {
      kind: "unusable",
      path,
      error: unreadable(path, why, "Check the path and its permissions", error),
      publicBlob,
    };
  }
}
