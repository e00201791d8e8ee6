import { oneLine } from "../base/index.ts";
import { WireReader } from "./wire-reader.ts";

/** SSH_MSG_KEXINIT (RFC 4253 §7.1), and the bytes before its lists: type and cookie. */
const exchangeInit = 20;
const cookieBytes = 16;

/** What is shown of a list. */
const shownNames = 12;
const shownLength = 400;

const lists = ["kex", "hostKeys", "ciphersUp", "ciphers", "macsUp", "macs"] as const;

type OfferList = (typeof lists)[number];

/** Which list ssh2 means when it says what is missing. */
const listOfMissing: readonly (readonly [RegExp, OfferList])[] = [
  [/key exchange/i, "kex"],
  [/host key/i, "hostKeys"],
  [/C->S cipher/i, "ciphersUp"],
  [/cipher/i, "ciphers"],
  [/C->S MAC/i, "macsUp"],
  [/MAC/i, "macs"],
];

/** What the server offers of the kind that is `missing`, from the first bytes that it sent; empty where that cannot be told. */
export function serverOffer(received: Buffer, missing: string): string {
  const list = listOfMissing.find(([pattern]) => pattern.test(missing))?.[1];
  try {
    const found = readLists(received)[lists.findIndex((name) => name === list)] ?? "";
    return oneLine(found.split(",").slice(0, shownNames).join(", "), shownLength);
  } catch {
    return "";
  }
}

/** Throws when the bytes are no identification with a whole list of algorithms behind it. */
function readLists(received: Buffer): readonly string[] {
  const start = received.indexOf("SSH-");
  const lineEnd = received.indexOf("\n", start);
  if (start < 0 || lineEnd < 0) return [];
  // Length of the packet (4 bytes) and of its padding (1).
  const reader = new WireReader(received.subarray(lineEnd + 6));
  if (reader.byte() !== exchangeInit) return [];
  for (let left = cookieBytes; left > 0; left -= 1) reader.byte();
  return lists.map(() => reader.text());
}
