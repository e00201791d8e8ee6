import { createPrivateKey, type KeyObject } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import { HoldfastError, messageOf } from "../base/index.ts";
import { parseCertificate } from "./certificate.ts";
import { publicBlobIn, publicBlobInPrivateKey, publicBlobOf } from "./public-key.ts";
import type { Ssh2Library } from "./ssh2-library.ts";
import { keyTypeOf } from "./wire.ts";

/** No private key is larger; anything beyond is another file. */
const largestKeyBytes = 256 * 1024;

export type KeyFile =
  | { readonly kind: "key"; readonly path: string; readonly publicBlob: Buffer; readonly privateKey: KeyObject }
  | { readonly kind: "missing"; readonly path: string }
  /** It is there but cannot be used; `publicBlob` is what it tells of itself, or the `.pub` file beside it: an agent may have it. */
  | {
      readonly kind: "unusable";
      readonly path: string;
      readonly error: HoldfastError;
      readonly publicBlob: Buffer | undefined;
      /** The right passphrase would make it a key. */
      readonly locked?: boolean;
    };

interface KeyRequest {
  readonly path: string;
  readonly explicit: boolean;
  readonly passphrase: string | undefined;
}

function unreadable(path: string, why: string, hint: string, cause?: unknown): HoldfastError {
  return new HoldfastError("key_unreadable", `the private key ${path} ${why}`, { hint, cause });
}

const noPassphrase =
  /no passphrase given|passphrase required|missing passphrase|interrupted or cancelled|empty password/i;
const wrongPassphrase = /bad passphrase|bad decrypt|integrity check|unable to authenticate|decrypt|malformed/i;

/** Whether what the parsers say is that the passphrase is missing or wrong. */
function isLocked(message: string, passphrase: string | undefined): boolean {
  return noPassphrase.test(message) || (passphrase !== undefined && wrongPassphrase.test(message));
}

/** What the parsers say about a file, in our words. */
function parseFailure(path: string, reason: unknown, passphrase: string | undefined): HoldfastError {
  const message = messageOf(reason);
  if (noPassphrase.test(message)) {
    const hint = "Give its passphrase, or load it into the agent: ssh-add";
    return unreadable(path, "is encrypted and no passphrase was given", hint, reason);
  }
  if (passphrase !== undefined && wrongPassphrase.test(message)) {
    const hint = "Give the right passphrase, or load the key into the agent: ssh-add";
    return unreadable(path, "cannot be decrypted: the passphrase is wrong", hint, reason);
  }
  const hint = "Check that it is a private key that ssh-keygen -y can read";
  return unreadable(path, `cannot be read: ${message}`, hint, reason);
}

/** What a file is that is no private key for us, if that can be told. */
function knownStranger(path: string, text: string): HoldfastError | undefined {
  if (text.startsWith("PuTTY-User-Key-File-")) {
    const hint = `Convert it: puttygen ${path} -O private-openssh -o <new file>`;
    return unreadable(path, "is in PuTTY's format, which is not read here", hint);
  }
  const type = keyTypeOf(publicBlobInPrivateKey(text) ?? Buffer.alloc(0));
  if (type?.startsWith("sk-") === true) {
    const hint = "Load it into an agent (ssh-add), and have the agent's socket in SSH_AUTH_SOCK or IdentityAgent";
    return unreadable(path, "is of a FIDO token, which only an agent can use", hint);
  }
  if (type === "ssh-dss" || text.includes("-----BEGIN DSA PRIVATE KEY-----")) {
    return unreadable(path, "is a DSA key, which servers take no longer", "Make another one: ssh-keygen -t ed25519");
  }
  const publicType = keyTypeOf(publicBlobIn(text) ?? Buffer.alloc(0));
  if (publicType === undefined) return undefined;
  return unreadable(
    path,
    "holds only a public key",
    "Name the file without .pub, or load the private key into the agent",
  );
}

/** PEM is read by OpenSSL, in all its forms (PKCS#1, SEC1, PKCS#8, encrypted or not); OpenSSH's own format by ssh2. Throws what they say. */
function decode(library: Ssh2Library, text: string, passphrase: string | undefined): KeyObject {
  const secret = passphrase === undefined ? {} : { passphrase };
  if (/-----BEGIN (?:(?:ENCRYPTED|RSA|EC) )?PRIVATE KEY-----/.test(text)) {
    return createPrivateKey({ key: text, ...secret });
  }
  const key = library.utils.parseKey(text, passphrase);
  if (key instanceof Error) throw key;
  return createPrivateKey(key.getPrivatePEM());
}

function parse(library: Ssh2Library, request: KeyRequest, text: string): KeyFile {
  const { path, passphrase } = request;
  const stranger = knownStranger(path, text);
  const publicBlob = publicBlobInPrivateKey(text) ?? publicBlobIn(text);
  if (stranger !== undefined) return { kind: "unusable", path, error: stranger, publicBlob };
  try {
    const privateKey = decode(library, text, passphrase);
    return { kind: "key", path, privateKey, publicBlob: publicBlobOf(privateKey) };
  } catch (error) {
    const locked = isLocked(messageOf(error), passphrase);
    return { kind: "unusable", path, error: parseFailure(path, error, passphrase), publicBlob, locked };
  }
}

async function readBounded(path: string): Promise<string> {
  const facts = await stat(path);
  if (!facts.isFile()) throw new Error("it is no regular file");
  if (facts.size > largestKeyBytes) throw new Error("it is too large for a key");
  return readFile(path, "latin1");
}

/** The blob of a public key or certificate file; undefined when there is none that can be read. Never rejects. */
export async function readPublicFile(path: string): Promise<Buffer | undefined> {
  try {
    return publicBlobIn(await readBounded(path));
  } catch {
    return undefined;
  }
}

/** Which key it is, as the public key or the certificate beside the file tells. */
async function publicBlobBeside(path: string): Promise<Buffer | undefined> {
  const blob = await readPublicFile(`${path}.pub`);
  if (blob !== undefined) return blob;
  const certificate = await readPublicFile(`${path}-cert.pub`);
  return certificate && parseCertificate(certificate)?.plainKey;
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR");
}

/**
 * Reads a private key in OpenSSH's format or PEM; never rejects. A file with a public key only is `unusable` but says which key of an agent is
 * meant. A missing file is `unusable` when it was named explicitly.
 */
export async function readKeyFile(library: Ssh2Library, request: KeyRequest): Promise<KeyFile> {
  const { path } = request;
  try {
    const file = parse(library, request, await readBounded(path));
    if (file.kind !== "unusable" || file.publicBlob !== undefined) return file;
    return { ...file, publicBlob: await publicBlobBeside(path) };
  } catch (error) {
    const publicBlob = await publicBlobBeside(path);
    if (isMissing(error) && publicBlob === undefined && !request.explicit) return { kind: "missing", path };
    const why = isMissing(error) ? "does not exist" : `cannot be read: ${messageOf(error)}`;
    const failure = unreadable(path, why, "Check the path and its permissions", error);
    return { kind: "unusable", path, error: failure, publicBlob };
  }
}
