import type { Algorithms, CipherAlgorithm, KexAlgorithm, MacAlgorithm, ServerHostKeyAlgorithm } from "ssh2";

const kex: readonly KexAlgorithm[] = [
  "curve25519-sha256",
  "curve25519-sha256@libssh.org",
  "ecdh-sha2-nistp256",
  "ecdh-sha2-nistp384",
  "ecdh-sha2-nistp521",
  "diffie-hellman-group-exchange-sha256",
  "diffie-hellman-group16-sha512",
  "diffie-hellman-group18-sha512",
  "diffie-hellman-group14-sha256",
];

/** AES-GCM is the fastest where the processor knows AES. */
const ciphers: readonly CipherAlgorithm[] = [
  "aes128-gcm@openssh.com",
  "aes256-gcm@openssh.com",
  "aes128-ctr",
  "aes192-ctr",
  "aes256-ctr",
  "chacha20-poly1305@openssh.com",
];

const macs: readonly MacAlgorithm[] = [
  "hmac-sha2-256-etm@openssh.com",
  "hmac-sha2-512-etm@openssh.com",
  "hmac-sha2-256",
  "hmac-sha2-512",
];

/** What only old servers need, and what can be broken: SHA-1, CBC. */
const legacy = {
  kex: [
    "diffie-hellman-group14-sha1",
    "diffie-hellman-group-exchange-sha1",
    "diffie-hellman-group1-sha1",
  ] satisfies KexAlgorithm[],
  hostKeys: ["ssh-rsa"] satisfies ServerHostKeyAlgorithm[],
  ciphers: ["aes128-cbc", "aes192-cbc", "aes256-cbc", "3des-cbc"] satisfies CipherAlgorithm[],
  macs: ["hmac-sha1-etm@openssh.com", "hmac-sha1"] satisfies MacAlgorithm[],
} as const;

interface Offer {
  readonly hostKeys: readonly ServerHostKeyAlgorithm[];
  /** Offers what is no longer safe behind everything else. */
  readonly legacy?: boolean | undefined;
  readonly compression?: boolean | undefined;
}

/** What is offered to a server, in the order of preference; nothing with SHA-1 or CBC unless it is asked for. */
export function offeredAlgorithms(offer: Offer): Algorithms {
  const old = offer.legacy === true;
  return {
    kex: [...kex, ...(old ? legacy.kex : [])],
    serverHostKey: [...offer.hostKeys, ...(old ? legacy.hostKeys : [])],
    cipher: [...ciphers, ...(old ? legacy.ciphers : [])],
    hmac: [...macs, ...(old ? legacy.macs : [])],
    compress: offer.compression === true ? ["zlib@openssh.com", "zlib", "none"] : ["none"],
  };
}
