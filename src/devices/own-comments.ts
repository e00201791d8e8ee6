import { randomHex } from "../base/index.ts";

/** Digits of a comment's nonce: 36 bits, of which the device has never seen one. */
const nonceDigits = 9;

/** Comments with nonces that were typed, and what stands before them where the device shows them. */
export class OwnComments {
  readonly #sign: string;
  readonly #nonces: string[] = [];

  /** `sign` begins a comment. */
  constructor(sign: string) {
    this.#sign = sign;
  }

  /** Another one, to be typed. */
  next(): string {
    const nonce = randomHex(8).slice(0, nonceDigits);
    this.#nonces.push(nonce);
    return this.#sign + nonce;
  }

  /** What stands before a comment of ours at the end of a line; undefined when there is none. */
  before(line: string): string | undefined {
    const nonce = this.#nonces.find((one) => line.endsWith(one));
    if (nonce === undefined) return undefined;
    const rest = line.slice(0, -nonce.length);
    return (rest.endsWith(this.#sign) ? rest.slice(0, rest.length - this.#sign.length) : rest).trimEnd();
  }
}
