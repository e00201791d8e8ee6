import { StringDecoder } from "node:string_decoder";
import type { Redact } from "../gate.ts";

/** One stream on its way to a file: text without secrets, also where one comes in two pieces. */
export class OutputRedaction {
  readonly #redact: Redact;
  readonly #decoder = new StringDecoder("utf8");
  #held: Buffer = Buffer.alloc(0);

  constructor(redact: Redact) {
    this.#redact = redact;
  }

  /** What can be written; the beginning of what may become a secret is held back. */
  add(bytes: Uint8Array): string {
    const all = Buffer.concat([this.#held, bytes]);
    const heldBytes = this.#redact.borders?.beginningOfSecret(all) ?? 0;
    // A copy: the piece itself need not stay.
    this.#held = Buffer.from(all.subarray(all.length - heldBytes));
    return this.#redact(this.#decoder.write(all.subarray(0, all.length - heldBytes)));
  }

  /** What was held back: nothing follows it. */
  end(): string {
    const rest = this.#held;
    this.#held = Buffer.alloc(0);
    return this.#redact(this.#decoder.end(rest));
  }
}
