import type { ConnectPhase } from "../connect-failure.ts";
import type { HostKeyJudge } from "../host-key.ts";
import { WireReader } from "../wire-reader.ts";
import { keyTypeOf } from "../wire.ts";

/** The server's answers in a key exchange, with its key first (RFC 4253 §8, RFC 4419 §3), and the message that ends it. */
const exchangeReplies: readonly (number | undefined)[] = [31, 33];
const newKeys = 21;

/** RFC 4253 §4.2 allows 255 bytes; before them servers may say more. */
const longestGreeting = 64 * 1024;

/** As OpenSSH bounds packets. */
const longestPacket = 256 * 1024;

/** What a server says first is shown in part only. */
const keptGreeting = 512;

/** What is kept until it can be passed on. */
const nothing = Buffer.alloc(0);

interface GateParts {
  readonly judge: HostKeyJudge;
  /** Called with the key or certificate that was accepted, before anyone else sees it. */
  accepted(shown: Buffer): void;
}

/**
 * Reads along on the way from the server to ssh until the key exchange is over: holds back the server's key until it was judged. What ssh
 * has not seen it cannot answer, so nothing is sent to a host whose key is refused.
 */
export class HostKeyGate {
  readonly #parts: GateParts;
  #phase: ConnectPhase = "greeting";
  #held: Buffer = nothing;
  #greeting: Buffer = nothing;
  #refused = false;

  constructor(parts: GateParts) {
    this.#parts = parts;
  }

  get phase(): ConnectPhase {
    return this.#phase;
  }

  /** The server's identification line, or what it said instead. */
  get identification(): string {
    const lines = this.#greeting.toString("latin1").split(/\r?\n/);
    return lines.find((line) => line.startsWith("SSH-")) ?? lines[0] ?? "";
  }

  /** What may be passed on; undefined once the key was refused, or what came is no SSH. */
  pass(bytes: Buffer): Buffer | undefined {
    if (this.#refused) return undefined;
    if (this.#phase === "login") return bytes;
    this.#held = Buffer.concat([this.#held, bytes]);
    const passed: Buffer[] = [];
    if (this.#phase === "greeting") passed.push(this.#lines());
    if (this.#phase === "key exchange") passed.push(...this.#packets());
    if (this.#refused || (this.#phase === "greeting" && this.#held.length > longestGreeting)) {
      this.#refused = true;
      return undefined;
    }
    return Buffer.concat(passed);
  }

  /** Whole lines, up to the identification. */
  #lines(): Buffer {
    let from = 0;
    for (;;) {
      const end = this.#held.indexOf(10, from) + 1;
      if (end === 0) break;
      const line = this.#held.subarray(from, end);
      from = end;
      if (line.subarray(0, 4).toString("latin1") === "SSH-") {
        this.#greeting = Buffer.from(line);
        this.#phase = "key exchange";
        break;
      }
      if (this.#greeting.length === 0) this.#greeting = Buffer.from(line.subarray(0, keptGreeting));
    }
    // The first line may never end.
    if (this.#greeting.length === 0) this.#keepStart();
    return this.#takeOff(from);
  }

  #keepStart(): void {
    if (this.#held.length >= keptGreeting) this.#greeting = Buffer.from(this.#held.subarray(0, keptGreeting));
  }

  #packets(): readonly Buffer[] {
    const passed: Buffer[] = [];
    while (this.#held.length >= 6) {
      const end = 4 + this.#held.readUInt32BE(0);
      if (end > longestPacket) this.#refused = true;
      if (this.#refused || this.#held.length < end) return passed;
      const packet = this.#takeOff(end);
      if (!this.#allows(packet.subarray(5))) {
        this.#refused = true;
        return passed;
      }
      passed.push(packet);
      if (packet[5] === newKeys) {
        this.#phase = "login";
        passed.push(this.#takeOff(this.#held.length));
      }
    }
    return passed;
  }

  #allows(payload: Buffer): boolean {
    const shown = exchangeReplies.includes(payload[0]) ? shownKey(payload) : undefined;
    if (shown === undefined) return true;
    if (!this.#parts.judge.accepts(shown)) return false;
    this.#parts.accepted(shown);
    return true;
  }

  #takeOff(sizeBytes: number): Buffer {
    const taken = this.#held.subarray(0, sizeBytes);
    this.#held = this.#held.subarray(sizeBytes);
    return taken;
  }
}

/** The key in an answer. What has none is left to ssh, which accepts no key that was not judged. */
function shownKey(payload: Buffer): Buffer | undefined {
  try {
    const reader = new WireReader(payload);
    reader.byte();
    const key = Buffer.from(reader.string());
    return keyTypeOf(key) === undefined ? undefined : key;
  } catch {
    return undefined;
  }
}
