/** Loaded by its first use: it takes several milliseconds, which a client that has just started its server would wait for. */
const crypto = () => process.getBuiltinModule("node:crypto");

/** `bytes` random bytes from the system's generator, as lower-case hex. */
export function randomHex(bytes: number): string {
  return crypto().randomBytes(bytes).toString("hex");
}

/** A random factor in [1 - spread, 1 + spread], for delays that must not fall together. */
export function jitter(spread: number): number {
  return 1 + spread * (crypto().randomInt(-1_000_000, 1_000_001) / 1_000_000);
}

/** The first `length` hex digits of HMAC-SHA256 of `text` under `key`. */
export function keyedHex(key: string, text: string, length: number): string {
  return crypto().createHmac("sha256", key).update(text).digest("hex").slice(0, length);
}

/** SHA-256 of `text`, as lower-case hex. */
export function sha256Hex(text: string | Uint8Array): string {
  return crypto().createHash("sha256").update(text).digest("hex");
}
