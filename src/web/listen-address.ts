import { lookup } from "node:dns/promises";
import { BlockList, isIP } from "node:net";
import { HoldfastError } from "../base/index.ts";

const loopback = new BlockList();
loopback.addSubnet("127.0.0.0", 8, "ipv4");
loopback.addAddress("::1", "ipv6");

/** An address of this machine to listen on. */
export interface ListenAddress {
  readonly address: string;
  /** Nobody but this machine reaches it. */
  readonly isLoopback: boolean;
}

/** The address that a name or address stands for. Rejects with `config_invalid`. */
export async function listenAddress(host: string): Promise<ListenAddress> {
  const bare = unbracketed(host);
  const address = isIP(bare) === 0 ? await resolved(bare) : bare;
  return { address, isLoopback: loopback.check(address, isIP(address) === 6 ? "ipv6" : "ipv4") };
}

/** An IPv6 address without the brackets that it wears in URLs; everything else as it is. */
export function unbracketed(host: string): string {
  return host.startsWith("[") && host.endsWith("]") ? host.slice(1, -1) : host;
}

/** An address as it stands in URLs. */
export function inUrl(address: string): string {
  return isIP(address) === 6 ? `[${address}]` : address;
}

async function resolved(name: string): Promise<string> {
  try {
    return (await lookup(name)).address;
  } catch {
    throw new HoldfastError("config_invalid", `there is no address for the host ${JSON.stringify(name)}`, {
      hint: "Listen on an address of this machine: --host 127.0.0.1",
    });
  }
}
