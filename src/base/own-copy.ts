/**
 * A copy of `bytes` in memory of its own, for what is kept long: small buffers that `Buffer.from` makes share pieces of 8 KiB, and a piece stays as long
 * as anybody keeps a few bytes of it.
 */
export function ownCopy(bytes: Uint8Array): Buffer {
  const copy = Buffer.allocUnsafeSlow(bytes.length);
  copy.set(bytes);
  return copy;
}
