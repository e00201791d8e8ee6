/** Fractions of the cube roots of the first 64 primes (FIPS 180-4 §4.2.2). */
const roundConstants = [
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98,
  0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786,
  0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8,
  0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13,
  0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819,
  0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a,
  0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7,
  0xc67178f2,
];

/** Fractions of the square roots of the first eight primes (FIPS 180-4 §5.3.3). */
const initialState = [0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19];

const blockBytes = 64;

const wordBytes = 4;

/** SHA-256 of a short text, as lower-case hex: without node:crypto, which takes longer to load than all that a relay needs. */
export function fingerprint(text: string): string {
  const padded = paddedBytes(text);
  const state = zeroWords(initialState.length);
  for (const [at, word] of initialState.entries()) state.setInt32(at * wordBytes, word);
  for (let offset = 0; offset < padded.byteLength; offset += blockBytes) digestBlock(state, padded, offset);
  return Buffer.from(state.buffer).toString("hex");
}

/** A view, because reading one always gives a number. */
function zeroWords(count: number): DataView<ArrayBuffer> {
  return new DataView(new ArrayBuffer(count * wordBytes));
}

/** The text, a one bit, zeros up to a whole number of blocks, and in the last eight bytes its length in bits. */
function paddedBytes(text: string): DataView {
  const bytes = Buffer.from(text);
  const blocks = Math.ceil((bytes.length + 9) / blockBytes);
  const padded = zeroWords((blocks * blockBytes) / wordBytes);
  new Uint8Array(padded.buffer).set(bytes);
  padded.setUint8(bytes.length, 0x80);
  padded.setUint32(padded.byteLength - wordBytes, bytes.length * 8);
  return padded;
}

function digestBlock(state: DataView, block: DataView, offset: number): void {
  const schedule = zeroWords(roundConstants.length);
  for (let at = 0; at < blockBytes; at += wordBytes) schedule.setInt32(at, block.getInt32(offset + at));
  for (let at = blockBytes; at < schedule.byteLength; at += wordBytes) schedule.setInt32(at, extended(schedule, at));
  let a = state.getInt32(0);
  let b = state.getInt32(4);
  let c = state.getInt32(8);
  let d = state.getInt32(12);
  let e = state.getInt32(16);
  let f = state.getInt32(20);
  let g = state.getInt32(24);
  let h = state.getInt32(28);
  let at = 0;
  for (const constant of roundConstants) {
    const mixedE = rotated(e, 6) ^ rotated(e, 11) ^ rotated(e, 25);
    const first = (h + mixedE + ((e & f) ^ (~e & g)) + constant + schedule.getInt32(at)) | 0;
    const mixedA = rotated(a, 2) ^ rotated(a, 13) ^ rotated(a, 22);
    const second = (mixedA + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + first) | 0;
    d = c;
    c = b;
    b = a;
    a = (first + second) | 0;
    at += wordBytes;
  }
  for (const [place, word] of [a, b, c, d, e, f, g, h].entries()) {
    state.setInt32(place * wordBytes, state.getInt32(place * wordBytes) + word);
  }
}

/** The word at byte `at` from the words 2, 7, 15 and 16 before it. */
function extended(schedule: DataView, at: number): number {
  const near = schedule.getInt32(at - 8);
  const far = schedule.getInt32(at - 60);
  const mixedNear = rotated(near, 17) ^ rotated(near, 19) ^ (near >>> 10);
  const mixedFar = rotated(far, 7) ^ rotated(far, 18) ^ (far >>> 3);
  return mixedNear + schedule.getInt32(at - 28) + mixedFar + schedule.getInt32(at - 64);
}

function rotated(word: number, bits: number): number {
  return (word >>> bits) | (word << (32 - bits));
}
