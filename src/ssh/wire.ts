/** A length-prefixed string of the SSH wire format (RFC 4251 §5). */
export function wireString(content: Uint8Array | string): Buffer {
  const bytes = Buffer.from(content);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

/** The type name at the start of a public key blob (`ssh-ed25519`), or undefined when it is no key blob. */
export function keyTypeOf(blob: Uint8Array): string | undefined {
  const bytes = Buffer.from(blob.buffer, blob.byteOffset, blob.byteLength);
  if (bytes.length < 4) return undefined;
  const length = bytes.readUInt32BE(0);
  if (length === 0 || length > 64 || 4 + length > bytes.length) return undefined;
  return bytes.toString("latin1", 4, 4 + length);
}
