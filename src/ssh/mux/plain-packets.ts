import { wireString, wireUint32 } from "../wire.ts";

/** Message numbers of RFC 4254. */
const globalRequest = 80;
const requestFailure = 82;
const channelOpen = 90;
const channelOpenConfirmation = 91;
const channelOpenFailure = 92;
const lastChannelMessage = 100;

/** No SSH packet is longer (OpenSSH: PACKET_MAX_SIZE); more is no packet. */
const longestPacket = 256 * 1024;

/** Our own channel numbers begin here, far above those that ssh2 gives. */
const firstPing = 0x7000_0000;
const lastPing = 0x7fff_ffff;

/** A kind of channel that no server knows: it must say so (RFC 4254 §5.1), which is a sign of life. */
const pingChannel = wireString("ping@holdfast");

/** The same as `REQUEST_FAILURE`, the usual answer of servers to a keepalive request. */
const answer = Buffer.from([requestFailure]);

/** The length of a packet, the length of its padding, the message number. */
const headBytes = 5;

function framed(payload: Buffer): Buffer {
  return Buffer.concat([wireUint32(payload.length + 1), Buffer.from([0]), payload]);
}

/**
 * What stands in the place of ssh2's encryption on the way to a master in proxy mode: packets of the connection protocol with a length and
 * nothing else. A master knows no global requests, so a keepalive request becomes one for a channel that no server has.
 */
export class PlainWriter {
  /** Counted by ssh2 alone. */
  outSeqno = 0;
  readonly #write: (bytes: Buffer) => void;
  #ping = firstPing;

  constructor(write: (bytes: Buffer) => void) {
    this.#write = write;
  }

  allocPacket(payloadBytes: number): Buffer {
    const packet = Buffer.allocUnsafe(headBytes + payloadBytes);
    packet.writeUInt32BE(payloadBytes + 1, 0);
    packet[4] = 0;
    return packet;
  }

  encrypt(packet: Buffer): void {
    const type = packet[headBytes] ?? 0;
    if (type >= channelOpen && type <= lastChannelMessage) this.#write(packet);
    else if (type === globalRequest) this.#sendPing();
  }

  free(): void {
    // Nothing is held.
  }

  #sendPing(): void {
    const number = this.#ping;
    this.#ping = number === lastPing ? firstPing : number + 1;
    const window = wireUint32(0);
    const packetBytes = wireUint32(32_768);
    this.#write(
      framed(Buffer.concat([Buffer.from([channelOpen]), pingChannel, wireUint32(number), window, packetBytes])),
    );
  }
}

function isPong(payload: Buffer): boolean {
  const type = payload[0];
  return (
    (type === channelOpenFailure || type === channelOpenConfirmation) &&
    payload.length > 5 &&
    payload.readUInt32BE(1) >= firstPing
  );
}

/** The other direction: takes packets apart and hands on their payloads. Throws when what comes is no packet. */
export class PlainReader {
  inSeqno = 0;
  readonly #payload: (payload: Buffer) => void;
  #parts: Buffer[] = [];
  #have = 0;
  #need = 4;

  constructor(payload: (payload: Buffer) => void) {
    this.#payload = payload;
  }

  free(): void {
    this.#parts = [];
  }

  /** Takes the bytes from `from` to `end`; returns `end`. */
  decrypt(bytes: Buffer, from: number, end: number): number {
    let at = from;
    while (at < end) {
      const packetEnd = this.#have === 0 ? wholePacket(bytes, at, end) : undefined;
      if (packetEnd !== undefined) {
        this.#deliver(bytes.subarray(at + headBytes, packetEnd));
        at = packetEnd;
        continue;
      }
      const taken = Math.min(this.#need - this.#have, end - at);
      this.#parts.push(bytes.subarray(at, at + taken));
      this.#have += taken;
      at += taken;
      if (this.#have === this.#need) this.#filled();
    }
    return at;
  }

  #filled(): void {
    const all = Buffer.concat(this.#parts);
    if (this.#need === 4) {
      this.#parts = [all];
      this.#need = 4 + packetLength(all, 0);
      return;
    }
    this.#parts = [];
    this.#have = 0;
    this.#need = 4;
    this.#deliver(all.subarray(headBytes));
  }

  #deliver(payload: Buffer): void {
    this.#payload(isPong(payload) ? answer : payload);
  }
}

function packetLength(bytes: Buffer, at: number): number {
  const length = bytes.readUInt32BE(at);
  if (length < 2 || length > longestPacket) throw new Error("what came from ssh is no packet");
  return length;
}

/** Where the packet at `at` ends, when all of it is there. */
function wholePacket(bytes: Buffer, at: number, end: number): number | undefined {
  if (end - at < 4) return undefined;
  const packetEnd = at + 4 + packetLength(bytes, at);
  return packetEnd <= end ? packetEnd : undefined;
}
