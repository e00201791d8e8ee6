import type { Client } from "ssh2";
import { HoldfastError } from "../base/index.ts";
import { parseCertificate } from "./certificate.ts";
import { isCertificateType, plainKeyType } from "./key-algorithm.ts";
import { protocolOf } from "./ssh2-internals.ts";
import { WireReader } from "./wire-reader.ts";
import { wireString } from "./wire.ts";

/** The server's answer in a key exchange (RFC 4253 §8), and in one with a group of the server's choice (RFC 4419 §3). */
const exchangeReply = 31;
const groupExchangeReply = 33;

/** Algorithms of certificates are named after those of signatures: `rsa-sha2-512-cert-v01@openssh.com`. */
const signatureAlgorithm = plainKeyType;

function unexpected(what: string): HoldfastError {
  return new HoldfastError("internal", `ssh2 has no ${what} as version 1.17 has`, {
    hint: "Install the version of Holdfast again, unchanged",
  });
}

function objectIn(of: object, name: string): object {
  const value: unknown = Reflect.get(of, name);
  if (typeof value !== "object" || value === null) throw unexpected(name);
  return value;
}

function methodOf(of: object, name: string): (...args: readonly unknown[]) => unknown {
  const method: unknown = Reflect.get(of, name);
  if (typeof method !== "function") throw unexpected(name);
  return (...args): unknown => Reflect.apply(method, of, args);
}

function namesIn(lists: object, name: string): unknown {
  return Reflect.get(objectIn(lists, name), "array");
}

/** The offer of a connection with other algorithms for host keys, made as ssh2 makes its own. */
function offerWith(offer: object, algorithms: readonly string[]): unknown {
  const lists = objectIn(offer, "lists");
  const direction = (name: string): object => {
    const of = objectIn(lists, name);
    return {
      cipher: namesIn(of, "cipher"),
      mac: namesIn(of, "mac"),
      compress: namesIn(of, "compress"),
      lang: namesIn(of, "lang"),
    };
  };
  const { constructor } = offer;
  const wanted = {
    kex: namesIn(lists, "kex"),
    serverHostKey: [...algorithms],
    cs: direction("cs"),
    sc: direction("sc"),
  };
  return Reflect.construct(constructor, [wanted]);
}

/**
 * Teaches the key exchange of one connection host certificates, which ssh2 does not know: they are offered before other
 * algorithms, hashed as they came, and the signature is checked with the key that they certify. ssh2 sees that key only.
 * If anything is other than expected the signature does not fit, and the connection ends before a word is said.
 * Make it when `connect` has been called on the client.
 */
export class HostCertificates {
  #shown: Buffer | undefined;

  constructor(client: Client, algorithms: readonly string[]) {
    const protocol = protocolOf(client);
    const offer = objectIn(protocol, "_offer");
    const plain = namesIn(objectIn(offer, "lists"), "serverHostKey");
    if (!Array.isArray(plain)) throw unexpected("list of host key algorithms");
    const names = plain.filter((name) => typeof name === "string");
    Reflect.set(protocol, "_offer", offerWith(offer, [...algorithms, ...names]));
    let exchange: unknown = Reflect.get(protocol, "_kex");
    Object.defineProperty(protocol, "_kex", {
      get: () => exchange,
      set: (next: unknown) => {
        exchange = next;
        if (typeof next === "object" && next !== null) this.#watch(next);
      },
    });
  }

  /** What the server has shown in the exchange that is under way, if it was a certificate. */
  get shown(): Buffer | undefined {
    return this.#shown;
  }

  /** Stands between the server's answer and ssh2 in one exchange that has agreed on a certificate. */
  #watch(exchange: object): void {
    this.#shown = undefined;
    const negotiated = objectIn(exchange, "negotiated");
    const algorithm: unknown = Reflect.get(negotiated, "serverHostKey");
    if (typeof algorithm !== "string" || !isCertificateType(algorithm)) return;
    const replyType = Reflect.get(exchange, "type") === "groupex" ? groupExchangeReply : exchangeReply;
    const parse = methodOf(exchange, "parse");
    Reflect.set(exchange, "parse", (payload: unknown): unknown => {
      if (!Buffer.isBuffer(payload) || payload[0] !== replyType) return parse(payload);
      const reply = this.#withPlainKey(exchange, payload);
      // Where it is no certificate, the algorithm stays what it was, and ssh2 ends the connection over the difference.
      if (reply !== undefined) Reflect.set(negotiated, "serverHostKey", signatureAlgorithm(algorithm));
      return parse(reply ?? payload);
    });
  }

  #withPlainKey(exchange: object, payload: Buffer): Buffer | undefined {
    try {
      const reader = new WireReader(payload);
      reader.byte();
      const shown = Buffer.from(reader.string());
      const certificate = parseCertificate(shown);
      if (certificate === undefined) return undefined;
      this.#shown = shown;
      hashCertificate(exchange, shown);
      const rest = payload.subarray(reader.offset);
      return Buffer.concat([payload.subarray(0, 1), wireString(certificate.plainKey), rest]);
    } catch {
      return undefined;
    }
  }
}

/** Has the exchange hash `certificate` in place of the plain key: that is the first time that ssh2 looks at the key when it finishes. */
function hashCertificate(exchange: object, certificate: Buffer): void {
  let plain: unknown;
  let looks: number | undefined;
  Object.defineProperty(exchange, "_hostKey", {
    get: () => {
      if (looks === undefined) return plain;
      looks += 1;
      return looks === 1 ? certificate : plain;
    },
    set: (key: unknown) => {
      plain = key;
    },
  });
  const finish = methodOf(exchange, "finish");
  Reflect.set(exchange, "finish", (...args: readonly unknown[]): unknown => {
    looks ??= 0;
    return finish(...args);
  });
}
