import { createHash } from "node:crypto";
import { parseCertificate } from "./certificate.ts";
import { CertificateRevocations, skipExtension } from "./certificate-revocations.ts";
import { WireReader } from "./wire-reader.ts";
import { keyTypeOf } from "./wire.ts";

/** How a key revocation list in OpenSSH's binary format begins (PROTOCOL.krl). */
const magic = Buffer.from("SSHKRL\n\0", "latin1");

/** The only one there is. */
const formatVersion = 1;

const section = { certificates: 1, keys: 2, sha1: 3, signature: 4, sha256: 5, extension: 255 } as const;

/** Whether a file is in the binary format of `ssh-keygen -k`. */
export function isRevocationList(bytes: Buffer): boolean {
  return bytes.subarray(0, magic.length).equals(magic);
}

/** A key revocation list: which keys, and which certificates of which authorities, do not count any more. */
export class RevocationList {
  readonly #keys = new Set<string>();
  readonly #sha1 = new Set<string>();
  readonly #sha256 = new Set<string>();
  readonly #certificates: CertificateRevocations[] = [];

  /** Reads a whole list; throws a RangeError that says what is wrong with it: half a list would let in what the other half revokes. */
  constructor(bytes: Buffer) {
    const reader = new WireReader(bytes);
    for (const expected of magic) if (reader.byte() !== expected) throw new RangeError("it is no revocation list");
    const version = reader.uint32();
    if (version !== formatVersion) throw new RangeError(`its format is version ${version}, which is not read here`);
    // Its version, the time it was made, flags (there are none).
    for (let field = 0; field < 3; field += 1) reader.uint64();
    // Something reserved, and a comment.
    for (let field = 0; field < 2; field += 1) reader.string();
    while (!reader.atEnd) this.#readSection(reader.byte(), new WireReader(reader.string()));
  }

  /** Whether the key or certificate of this blob is revoked: itself, the key in it, or its authority. */
  revokes(blob: Buffer): boolean {
    const certificate = parseCertificate(blob);
    if (certificate === undefined) return this.#revokesKey(blob);
    return (
      this.#revokesKey(certificate.plainKey) ||
      this.#revokesKey(certificate.authority) ||
      this.#certificates.some((revocations) => revocations.revokes(certificate))
    );
  }

  #revokesKey(blob: Buffer): boolean {
    const hash = (algorithm: string): string => createHash(algorithm).update(blob).digest("hex");
    return this.#keys.has(blob.toString("base64")) || this.#sha1.has(hash("sha1")) || this.#sha256.has(hash("sha256"));
  }

  #readSection(type: number, content: WireReader): void {
    if (type === section.certificates) this.#certificates.push(new CertificateRevocations(content));
    else if (type === section.keys) this.#readKeys(content);
    else if (type === section.sha1) readHashes(content, this.#sha1, 20);
    else if (type === section.sha256) readHashes(content, this.#sha256, 32);
    else if (type === section.extension) skipExtension(content);
    else throw new RangeError(unknownSection(type));
  }

  #readKeys(content: WireReader): void {
    while (!content.atEnd) {
      const blob = content.string();
      if (keyTypeOf(blob) === undefined) throw new RangeError("one of its keys is none");
      this.#keys.add(blob.toString("base64"));
    }
  }
}

function unknownSection(type: number): string {
  // OpenSSH refuses lists with signatures, too.
  if (type === section.signature) return "it is signed, and signatures of lists are not checked here";
  return `it has a section of an unknown kind, ${type}`;
}

function readHashes(content: WireReader, into: Set<string>, sizeBytes: number): void {
  while (!content.atEnd) {
    const hash = content.string();
    if (hash.length !== sizeBytes) throw new RangeError("one of its fingerprints has the wrong length");
    into.add(hash.toString("hex"));
  }
}
