import { readFile } from "node:fs/promises";
import { HoldfastError, messageOf } from "../base/index.ts";
import type { KnownHost } from "./known-hosts.ts";
import { keyTypeOf } from "./wire.ts";

/** How a key revocation list in OpenSSH's binary format begins (PROTOCOL.krl). */
const binaryMagic = "SSHKRL\n\0";

/** No list of keys is larger. */
const largestFileBytes = 64 * 1024 * 1024;

function refusal(file: string, why: string, hint: string, cause?: unknown): HoldfastError {
  return new HoldfastError("config_invalid", `the RevokedHostKeys file ${file} cannot be used: ${why}`, {
    hint,
    cause,
  });
}

async function readList(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (error) {
    const hint =
      "While it cannot be read no host is connected to, as with ssh: make it readable, or take it out of ssh_config";
    throw refusal(file, messageOf(error), hint, error);
  }
}

/** What is no key is an error, as with ssh: it may have been meant for one. */
function entryOf(text: string, file: string, line: number): readonly KnownHost[] {
  if (text.trim() === "" || text.trim().startsWith("#")) return [];
  const [type = "", encoded = ""] = text.trim().split(/[ \t]+/);
  const key = Buffer.from(encoded, "base64");
  if (type === "" || keyTypeOf(key) !== type) throw refusal(file, `line ${line} is no public key`, "Mend that line");
  return [{ file, line, marker: "revoked", hosts: "*", keyType: type, key }];
}

/**
 * The keys of hosts and of their authorities in a file of RevokedHostKeys, one on each line, as entries that revoke them for every host. Rejects
 * with `config_invalid` when the file cannot be read or is in the binary format: what it revokes must not be taken for good.
 */
export async function readRevokedHostKeys(file: string): Promise<readonly KnownHost[]> {
  const bytes = await readList(file);
  if (bytes.length > largestFileBytes) throw refusal(file, "it is too large", "List the keys, one on each line");
  if (bytes.toString("latin1", 0, binaryMagic.length) === binaryMagic) {
    throw refusal(file, "it is a binary list, which is not read here", "List the keys as text, one on each line");
  }
  return bytes
    .toString("utf8")
    .split(/\r?\n/)
    .flatMap((text, index) => entryOf(text, file, index + 1));
}
