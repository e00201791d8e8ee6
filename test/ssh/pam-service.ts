import { createHmac } from "node:crypto";
import { existsSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { randomHex, wallMs } from "../../src/base/index.ts";
import { onExit } from "../helpers/servers/index.ts";

export interface PamService {
  /** For `pamService` of a server. */
  readonly name: string;
  remove(): void;
}

const place = "/etc/pam.d";

/** Removes what test processes that were killed have left. */
function sweep(): void {
  for (const name of readdirSync(place)) {
    const owner = /^sshd-hf(\d+)-/.exec(name)?.[1];
    if (owner !== undefined && !existsSync(`/proc/${owner}`)) rmSync(join(place, name), { force: true });
  }
}

/** Puts a service of its own into /etc/pam.d; root only. Every account may come in that `auth` lets in. */
export function makePamService(auth: readonly string[]): PamService {
  sweep();
  const name = `sshd-hf${process.pid}-${randomHex(4)}`;
  const file = join(place, name);
  const lines = [
    ...auth.map((line) => `auth ${line}`),
    "account required pam_permit.so",
    "session required pam_permit.so",
  ];
  writeFileSync(file, `${lines.join("\n")}\n`, { mode: 0o644 });
  return { name, remove: onExit(() => rmSync(file, { force: true })) };
}

/** A secret for codes by time, and the line of a PAM service that asks for them. */
export interface CodeSecret {
  readonly pamLine: string;
  /** The code that is right now (RFC 6238, 30 s, 6 digits). */
  code(): string;
}

/** Secrets are written in base32 (RFC 4648 §6). */
const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** Writes a secret into `directory` as libpam-google-authenticator reads it. */
export function makeCodeSecret(directory: string): CodeSecret {
  const key = Buffer.from(randomHex(10), "hex");
  const bits = [...key].map((byte) => byte.toString(2).padStart(8, "0")).join("");
  const secret = (bits.match(/.{5}/g) ?? []).map((five) => alphabet[Number.parseInt(five, 2)] ?? "").join("");
  const file = join(directory, `codes-${randomHex(4)}`);
  writeFileSync(file, `${secret}\n" WINDOW_SIZE 5\n" TOTP_AUTH\n`, { mode: 0o400 });
  return {
    pamLine: `required pam_google_authenticator.so secret=${file} user=root no_increment_hotp`,
    code: () => {
      const counter = Buffer.alloc(8);
      counter.writeBigUInt64BE(BigInt(Math.floor(wallMs() / 30_000)));
      const digest = createHmac("sha1", key).update(counter).digest();
      const from = (digest.at(-1) ?? 0) & 0xf;
      const number = (digest.readUInt32BE(from) & 0x7fffffff) % 1_000_000;
      return String(number).padStart(6, "0");
    },
  };
}
