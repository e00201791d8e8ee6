import type { Socket } from "node:net";
import type { Client } from "ssh2";
import { HoldfastError } from "../../base/index.ts";
import { protocolOf } from "../ssh2-internals.ts";
import type { Ssh2Library } from "../ssh2-library.ts";
import { PlainReader, PlainWriter } from "./plain-packets.ts";

function unexpected(what: string): HoldfastError {
  return new HoldfastError("internal", `ssh2 has no ${what} as version 1.17 has`, {
    hint: "Install the version of Holdfast again, unchanged",
  });
}

/**
 * ssh2's client on a control connection in proxy mode: it takes itself for logged in, and its packets go unencrypted to the master. Channels
 * behave as on a connection of its own.
 */
export function proxiedClient(library: Ssh2Library, socket: Socket): Client {
  const client = new library.Client();
  // One failure may show as several errors, and one without a listener would end the process.
  client.on("error", () => undefined);
  client.connect({ sock: socket, username: "proxied", readyTimeout: 0, keepaliveInterval: 0, strictVendor: false });
  const protocol = protocolOf(client);
  const read: unknown = Reflect.get(protocol, "_onPayload");
  const header: unknown = Reflect.get(protocol, "_onHeader");
  for (const name of ["start", "_parse", "_cipher"]) {
    if (Reflect.get(protocol, name) === undefined) throw unexpected(name);
  }
  if (typeof read !== "function" || typeof header !== "function") throw unexpected("reader of packets");
  const writer = new PlainWriter((bytes) => {
    if (socket.writable) socket.write(bytes);
  });
  const reader = new PlainReader((payload) => {
    Reflect.apply(read, protocol, [payload]);
  });
  // No greeting, no key exchange and no login: the master has had them.
  Reflect.set(protocol, "start", () => undefined);
  Reflect.apply(header, protocol, [{ versions: { protocol: "2.0", software: "proxied" } }]);
  Reflect.set(protocol, "_authenticated", true);
  Reflect.set(protocol, "_cipher", writer);
  Reflect.set(protocol, "_decipher", reader);
  Reflect.set(protocol, "_parse", (bytes: Buffer, at: number, end: number) => reader.decrypt(bytes, at, end));
  return client;
}
