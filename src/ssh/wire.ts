/** A length-prefixed string of the SSH wire format (RFC 4251 §5). */
export function wireString(content: Uint8Array | string): Buffer {
  const bytes = Buffer.from(content);
  return Buffer.concat([wireUint32(bytes.length), bytes]);
}

/** A number of the SSH wire format: 32 bits, most significant byte first. */
export function wireUint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** A positive number of any size of the SSH wire format (mpint), from its bytes, most significant first. */
export function wireMpint(magnitude: Uint8Array): Buffer {
  const first = magnitude.findIndex((byte) => byte !== 0);
  const bytes = first === -1 ? Buffer.alloc(0) : Buffer.from(magnitude.subarray(first));
  const sign = (bytes[0] ?? 0) & 0x80 ? Buffer.from([0]) : Buffer.alloc(0);
  return wireString(Buffer.concat([sign, bytes]));
}

/** The type name at the start of a public key blob (`ssh-ed25519`), or undefined when it is no key blob. */
export function keyTypeOf(blob: Uint8Array): string | undefined {
  const bytes = Buffer.from(blob.buffer, blob.byteOffset, blob.byteLength);
  if (bytes.length < 4) return undefined;
  const length = bytes.readUInt32BE(0);
  if (length === 0 || length > 64 || 4 + length > bytes.length) return undefined;
  return bytes.toString("latin1", 4, 4 + length);
}
