import type { SFTPWrapper } from "ssh2";
import { afterEvents } from "../base/index.ts";
import { divertTransfer } from "./ssh2-transfer-internals.ts";

/** As much as one packet carries (OpenSSH: CHAN_SES_PACKET_DEFAULT), and every server takes (RFC 4253 §6.1: 32768 bytes of payload, the channel's head included). */
const packetBytes = 32_000;

/** From this size on, copying costs more than a packet of its own. */
const largeBytes = 8_192;

/**
 * Gathers what is sent on a file transfer channel while events are dealt with, and sends it in as few packets as it fits into, in order. A packet
 * costs either side a cipher and wakes the host's server: many small requests would mostly be that.
 */
export class TransferOutbox {
  readonly #send: (bytes: Buffer) => void;
  #held: Buffer[] = [];
  #heldBytes = 0;

  constructor(send: (bytes: Buffer) => void) {
    this.#send = send;
  }

  add(bytes: Buffer): void {
    if (this.#heldBytes + bytes.length > packetBytes) this.flush();
    if (bytes.length >= largeBytes) {
      this.flush();
      this.#send(bytes);
      return;
    }
    if (this.#held.length === 0) afterEvents(() => this.flush());
    this.#held.push(bytes);
    this.#heldBytes += bytes.length;
  }

  flush(): void {
    const held = this.#held;
    const [first] = held;
    if (first === undefined) return;
    this.#held = [];
    this.#heldBytes = 0;
    this.#send(held.length === 1 ? first : Buffer.concat(held));
  }
}

/** From now on requests on this channel share packets. */
export function gatherRequests(wrapper: SFTPWrapper): void {
  divertTransfer(wrapper, (send) => new TransferOutbox(send));
}
