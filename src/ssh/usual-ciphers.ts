import type { CipherAlgorithm } from "ssh2";

/** What both engines offer, best first: AES-GCM is the fastest where the processor knows AES. */
export const usualCiphers: readonly CipherAlgorithm[] = [
  "aes128-gcm@openssh.com",
  "aes256-gcm@openssh.com",
  "aes128-ctr",
  "aes192-ctr",
  "aes256-ctr",
  "chacha20-poly1305@openssh.com",
];

/** What only old servers need, and what can be broken: CBC. */
export const legacyCiphers: readonly CipherAlgorithm[] = ["aes128-cbc", "aes192-cbc", "aes256-cbc", "3des-cbc"];
