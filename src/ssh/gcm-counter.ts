/** AES-GCM in SSH counts packets in the last 8 of 12 bytes (RFC 5647 §7.1). */
const counterAt = 4;

/** The counter for the next packet, in place. */
export function countUp(counter: Uint8Array): void {
  for (let at = counter.length - 1; at >= counterAt; at -= 1) {
    const next = ((counter[at] ?? 0) + 1) & 0xff;
    counter[at] = next;
    if (next !== 0) return;
  }
}
