/** Bytes as text; what is no UTF-8 becomes U+FFFD. */
export function decodeUtf8(bytes: Uint8Array): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
}

/** How many bytes at the end of `bytes` are the beginning of a character that is not complete yet (0 to 3). */
export function incompleteTail(bytes: Uint8Array): number {
  const limit = Math.min(3, bytes.length);
  for (let back = 1; back <= limit; back += 1) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (isContinuation(byte)) continue;
    return characterLength(byte) > back ? back : 0;
  }
  return 0;
}

/** How many bytes at the start of `bytes` belong to a character that began before (0 to 3). */
export function orphanHead(bytes: Uint8Array): number {
  let length = 0;
  while (length < 3 && length < bytes.length && isContinuation(bytes[length] ?? 0)) length += 1;
  return length;
}

function isContinuation(byte: number): boolean {
  return (byte & 0xc0) === 0x80;
}

function characterLength(lead: number): number {
  if (lead >= 0xf0 && lead < 0xf8) return 4;
  if (lead >= 0xe0) return lead < 0xf0 ? 3 : 1;
  return lead >= 0xc2 ? 2 : 1;
}
