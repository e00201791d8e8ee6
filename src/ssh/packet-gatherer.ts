/** The most that a server is asked to put into one packet, where that may be more than usual (32 KiB): below what the C library of Linux takes from the system each time (128 KiB). */
export const largeDataBytes = 98_304;

/** The largest packet that is taken: with heads, padding, what a compressor adds, and its tag. */
const mostPacketBytes = largeDataBytes + 1_024;

/** Of AES-GCM in SSH (RFC 5647 §7.3): the length, which is not encrypted, before blocks of 16 bytes, the tag behind them. */
const lengthBytes = 4;
const blockBytes = 16;
const tagBytes = 16;

/** Memory for a packet that comes in pieces, while no connection is in the middle of one: mostly one is at a time. */
let spare: Buffer | undefined;

/** Finds packets in what is received: where they lie, or put together where one comes in pieces. */
export class PacketGatherer {
  #buffer: Buffer | undefined;
  #filled = 0;
  #taken = 0;

  /** How many bytes the latest `take` has used. */
  get taken(): number {
    return this.#taken;
  }

  /** The packet that begins or goes on at `at`, good until the next call; undefined while it is not complete. Throws when no packet has such a length. */
  take(data: Buffer, at: number): Buffer | undefined {
    const here = data.length - at;
    if (this.#filled === 0 && here >= lengthBytes) {
      const wanted = packetBytes(data.readUInt32BE(at));
      if (wanted <= here) {
        this.#taken = wanted;
        return data.subarray(at, at + wanted);
      }
    }
    this.#taken = 0;
    const buffer = (this.#buffer ??= takeSpare());
    if (this.#filled < lengthBytes) this.#add(buffer, data, at, lengthBytes);
    if (this.#filled < lengthBytes) return undefined;
    const wanted = packetBytes(buffer.readUInt32BE(0));
    this.#add(buffer, data, at + this.#taken, wanted);
    if (this.#filled < wanted) return undefined;
    this.#filled = 0;
    return buffer.subarray(0, wanted);
  }

  /** Nobody looks at the packet any more. */
  release(): void {
    if (this.#filled > 0 || this.#buffer === undefined) return;
    spare = this.#buffer;
    this.#buffer = undefined;
  }

  #add(buffer: Buffer, data: Buffer, at: number, wanted: number): void {
    const used = data.copy(buffer, this.#filled, at, at + wanted - this.#filled);
    this.#filled += used;
    this.#taken += used;
  }
}

function takeSpare(): Buffer {
  const buffer = spare ?? Buffer.allocUnsafeSlow(mostPacketBytes);
  spare = undefined;
  return buffer;
}

/** The length of all of a packet. */
function packetBytes(length: number): number {
  const all = lengthBytes + length + tagBytes;
  if (all > mostPacketBytes || length < blockBytes || length % blockBytes !== 0) throw new Error("Bad packet length");
  return all;
}
