/** As long as the longest chunk. */
const zeros = Buffer.alloc(262_144);

/** Shorter ones are written: a hole saves nothing. */
const smallestHole = 4_096;

/** Whether a chunk holds nothing but zeros, and is worth a hole. */
export function isZero(chunk: Uint8Array): boolean {
  if (chunk.length < smallestHole || chunk.length > zeros.length || chunk[0] !== 0) return false;
  return zeros.subarray(0, chunk.length).equals(chunk);
}
