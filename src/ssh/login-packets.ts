import type { Client } from "ssh2";
import { HoldfastError } from "../base/index.ts";
import { protocolOf } from "./ssh2-internals.ts";

/** Logins at the level of packets, below ssh2's own. */
export interface LoginPackets {
  /** What the exchange of keys has made of this connection (RFC 4253 §7.2). */
  readonly sessionId: Buffer;
  /** Signature algorithms that the server said it takes (RFC 8308 §3.1), if it did. */
  readonly serverAlgorithms: readonly string[] | undefined;
  /** Sends a request of a login by `method`; ssh2 takes the answer for that of one of its own. */
  send(method: string, payload: Buffer): void;
}

function unexpected(what: string): HoldfastError {
  return new HoldfastError("internal", `ssh2 has no ${what} as version 1.17 has`, {
    hint: "Install the version of Holdfast again, unchanged",
  });
}

function part(of: unknown, name: string): unknown {
  if (typeof of !== "object" || of === null) throw unexpected(name);
  return Reflect.get(of, name);
}

function call(of: unknown, name: string, ...args: readonly unknown[]): unknown {
  const method = part(of, name);
  if (typeof method !== "function") throw unexpected(name);
  return Reflect.apply(method, of, args);
}

/** Writes one packet as ssh2 does (sendPacket of its protocol/utils.js): during a key exchange it waits. */
function sendPacket(protocol: object, payload: Buffer): void {
  const writer = part(Reflect.get(protocol, "_packetRW"), "write");
  const start = part(writer, "allocStart");
  const packet = call(writer, "alloc", payload.length);
  if (!Buffer.isBuffer(packet) || typeof start !== "number") throw unexpected("packet writer");
  packet.set(payload, start);
  const finished = call(writer, "finalize", packet);
  if (Reflect.get(protocol, "_kexinit") === undefined) {
    call(Reflect.get(protocol, "_cipher"), "encrypt", finished);
    return;
  }
  const queue: unknown = Reflect.get(protocol, "_queue");
  if (Array.isArray(queue)) queue.push(finished);
  else Reflect.set(protocol, "_queue", [finished]);
}

/** The algorithms in a list of protocol extensions as ssh2 hands it over. */
function algorithmsIn(extensions: unknown): readonly string[] | undefined {
  if (!Array.isArray(extensions)) return undefined;
  for (const extension of extensions) {
    const algorithms = part(extension, "algs");
    if (Array.isArray(algorithms)) return algorithms.filter((name) => typeof name === "string");
  }
  return undefined;
}

/** The packets of a client on which `connect` has been called. Throws `internal` when ssh2 is another than we know. */
export function loginPackets(client: Client): LoginPackets {
  const protocol = protocolOf(client);
  const handlers = part(protocol, "_handlers");
  const original = part(handlers, "EXT_INFO");
  if (typeof handlers !== "object" || handlers === null || typeof original !== "function") {
    throw unexpected("handler of extensions");
  }
  let serverAlgorithms: readonly string[] | undefined;
  Reflect.set(handlers, "EXT_INFO", (sender: unknown, extensions: unknown): void => {
    serverAlgorithms ??= algorithmsIn(extensions);
    Reflect.apply(original, undefined, [sender, extensions]);
  });
  return {
    get sessionId() {
      const id = part(part(protocol, "_kex"), "sessionID");
      if (!Buffer.isBuffer(id)) throw unexpected("session id");
      return id;
    },
    get serverAlgorithms() {
      return serverAlgorithms;
    },
    send: (method, payload) => {
      const waiting = part(protocol, "_authsQueue");
      if (!Array.isArray(waiting)) throw unexpected("list of logins under way");
      waiting.push(method);
      sendPacket(protocol, payload);
    },
  };
}
