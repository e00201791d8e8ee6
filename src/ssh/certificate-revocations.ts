import type { Certificate } from "./certificate.ts";
import { WireReader } from "./wire-reader.ts";
import { keyTypeOf } from "./wire.ts";

const part = { serials: 0x20, range: 0x21, bitmap: 0x22, keyIds: 0x23, extension: 0x39 } as const;

/** What a certificate has whose authority gives no serial numbers: it cannot be revoked by it. */
const noSerial = 0n;

/** Serial numbers from `first`, one for each bit, the last bit first. */
interface Bitmap {
  readonly first: bigint;
  readonly bits: Buffer;
}

/** The certificates of one authority, or of any, that a key revocation list revokes. */
export class CertificateRevocations {
  /** Empty: of any authority. */
  readonly #authority: Buffer;
  readonly #serials = new Set<bigint>();
  readonly #ranges: (readonly [first: bigint, last: bigint])[] = [];
  readonly #bitmaps: Bitmap[] = [];
  readonly #keyIds = new Set<string>();

  /** Reads a section of certificates; throws a RangeError when anything in it is not understood. */
  constructor(content: WireReader) {
    this.#authority = content.string();
    if (this.#authority.length > 0 && keyTypeOf(this.#authority) === undefined) {
      throw new RangeError("one of its authorities is no key");
    }
    // Reserved.
    content.string();
    while (!content.atEnd) this.#readPart(content.byte(), new WireReader(content.string()));
  }

  revokes({ authority, keyIdBytes, serial }: Certificate): boolean {
    if (this.#authority.length > 0 && !this.#authority.equals(authority)) return false;
    if (this.#keyIds.has(keyIdBytes.toString("base64"))) return true;
    if (serial === noSerial) return false;
    return (
      this.#serials.has(serial) ||
      this.#ranges.some(([first, last]) => first <= serial && serial <= last) ||
      this.#bitmaps.some((bitmap) => isSet(bitmap, serial))
    );
  }

  #readPart(type: number, content: WireReader): void {
    if (type === part.serials) while (!content.atEnd) this.#serials.add(readSerial(content));
    else if (type === part.range) this.#readRange(content);
    else if (type === part.bitmap) this.#bitmaps.push({ first: content.uint64(), bits: content.string() });
    else if (type === part.keyIds) while (!content.atEnd) this.#keyIds.add(content.string().toString("base64"));
    else if (type === part.extension) skipExtension(content);
    else throw new RangeError(`it has a part of an unknown kind, ${type}`);
    if (!content.atEnd) throw new RangeError("one of its parts is longer than it may be");
  }

  #readRange(content: WireReader): void {
    const [first, last] = [readSerial(content), readSerial(content)];
    if (first > last) throw new RangeError("one of its ranges ends before it begins");
    this.#ranges.push([first, last]);
  }
}

function readSerial(content: WireReader): bigint {
  const serial = content.uint64();
  // OpenSSH takes such a list for broken, too.
  if (serial === noSerial) throw new RangeError("it revokes the serial number 0, which certificates without one have");
  return serial;
}

function isSet({ first, bits }: Bitmap, serial: bigint): boolean {
  const index = serial - first;
  if (index < 0n || index >= BigInt(bits.length) * 8n) return false;
  const bit = Number(index);
  return ((bits[bits.length - 1 - Math.floor(bit / 8)] ?? 0) & (1 << (bit % 8))) !== 0;
}

/** Passes over an extension, of which none is known; throws a RangeError where it says that it must be understood. */
export function skipExtension(content: WireReader): void {
  content.string();
  if (content.byte() !== 0) throw new RangeError("it has an extension that is not known here, and must be");
  content.string();
}
