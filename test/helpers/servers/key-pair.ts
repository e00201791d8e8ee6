import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

export interface KeyPair {
  readonly file: string;
  /** The line for authorized_keys. */
  readonly publicLine: string;
}

export type KeyType = "ed25519" | "ecdsa" | "rsa";

interface KeyOptions {
  readonly type?: KeyType;
  readonly passphrase?: string;
  /** `PKCS8` or `PEM` instead of OpenSSH's own format. */
  readonly format?: "PKCS8" | "PEM";
}

/** Writes a new private key to `file` and its public half to `file.pub`. */
export function makeKeyPair(file: string, options: KeyOptions = {}): KeyPair {
  const format = options.format === undefined ? [] : ["-m", options.format];
  execFileSync("ssh-keygen", [
    "-q",
    "-t",
    options.type ?? "ed25519",
    "-N",
    options.passphrase ?? "",
    "-C",
    "holdfast-test",
    ...format,
    "-f",
    file,
  ]);
  return { file, publicLine: readFileSync(`${file}.pub`, "utf8").trim() };
}
