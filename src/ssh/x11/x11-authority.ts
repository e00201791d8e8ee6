/** One entry of an Xauthority file. */
interface AuthorityEntry {
  readonly family: number;
  readonly address: Buffer;
  /** "": of any number. */
  readonly number: string;
  readonly protocol: string;
  readonly data: Buffer;
}

/** Families of Xauth.h: addresses, the name of this machine, anything. */
const families = { internet: 0, internet6: 6, local: 256, wild: 65_535 } as const;

/** The way in that everybody has; others (XDM, Kerberos) cannot be handed on. */
export const cookieProtocol = "MIT-MAGIC-COOKIE-1";

const cookieBytes = 16;

/** Entries of the file, up to the first that is broken. */
export function parseAuthority(bytes: Buffer): readonly AuthorityEntry[] {
  const entries: AuthorityEntry[] = [];
  let at = 0;
  const field = (): Buffer | undefined => {
    if (at + 2 > bytes.length) return undefined;
    const end = at + 2 + bytes.readUInt16BE(at);
    if (end > bytes.length) return undefined;
    const value = bytes.subarray(at + 2, end);
    at = end;
    return value;
  };
  while (at + 2 <= bytes.length) {
    const family = bytes.readUInt16BE(at);
    at += 2;
    const [address, number, protocol, data] = [field(), field(), field(), field()];
    if (address === undefined || number === undefined || protocol === undefined || data === undefined) break;
    entries.push({ family, address, number: number.toString(), protocol: protocol.toString(), data });
  }
  return entries;
}

/** What a connection to a display was made to. */
interface DisplayPeer {
  readonly number: number;
  /** Undefined for a socket of this machine. */
  readonly address: string | undefined;
  readonly hostName: string;
}

/** The cookie for a display, if there is one: of its address, of this machine by name, of any; at last one of this machine under a name that it had. */
export function findCookie(entries: readonly AuthorityEntry[], peer: DisplayPeer): Buffer | undefined {
  const usable = entries.filter(
    ({ protocol, number, data }) =>
      protocol === cookieProtocol && data.length === cookieBytes && ["", String(peer.number)].includes(number),
  );
  const isHere = peer.address === undefined || ["127.0.0.1", "::1", "::ffff:127.0.0.1"].includes(peer.address);
  const fits = ({ family, address }: AuthorityEntry): boolean => {
    if (family === families.wild) return true;
    if (family === families.local) return isHere && address.toString() === peer.hostName;
    return peer.address !== undefined && addressText(family, address) === peer.address.replace(/^::ffff:/, "");
  };
  const found = usable.find(fits) ?? (isHere ? usable.find(({ family }) => family === families.local) : undefined);
  return found?.data;
}

function addressText(family: number, address: Buffer): string | undefined {
  if (family === families.internet && address.length === 4) return [...address].join(".");
  if (family !== families.internet6 || address.length !== 16) return undefined;
  const words = Array.from({ length: 8 }, (_, n) => address.readUInt16BE(n * 2).toString(16));
  return new URL(`http://[${words.join(":")}]`).hostname.slice(1, -1);
}

/** An Xauthority file with one entry that is good for every display: for programs that are to show `cookie`. */
export function authorityFor(cookie: Buffer): Buffer {
  const field = (bytes: Buffer): Buffer => Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 255]), bytes]);
  const empty = Buffer.alloc(0);
  const fields = [empty, empty, Buffer.from(cookieProtocol), cookie.subarray(0, cookieBytes)].map(field);
  return Buffer.concat([Buffer.from([families.wild >> 8, families.wild & 255]), ...fields]);
}
