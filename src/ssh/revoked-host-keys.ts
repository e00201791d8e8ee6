import { readFile } from "node:fs/promises";
import { HoldfastError, messageOf } from "../base/index.ts";
import type { KnownHost } from "./known-hosts.ts";
import { isRevocationList, RevocationList } from "./revocation-list.ts";
import { keyTypeOf } from "./wire.ts";

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

function readBinary(bytes: Buffer, file: string): KnownHost {
  const nothing = { line: 0, keyType: "", key: Buffer.alloc(0) };
  try {
    return { ...nothing, file, marker: "revoked", hosts: "*", list: new RevocationList(bytes) };
  } catch (error) {
    throw refusal(file, messageOf(error), "Make it anew: ssh-keygen -k", error);
  }
}

/**
 * The keys of hosts and of their authorities in a file of RevokedHostKeys (one on each line, or a list as `ssh-keygen -k` makes it), as entries
 * that revoke them for every host. Rejects with `config_invalid` when the file cannot be read or understood as a whole: what it revokes must not
 * be taken for good.
 */
export async function readRevokedHostKeys(file: string): Promise<readonly KnownHost[]> {
  const bytes = await readList(file);
  if (bytes.length > largestFileBytes) throw refusal(file, "it is too large", "List the keys, one on each line");
  if (isRevocationList(bytes)) return [readBinary(bytes, file)];
  return bytes
    .toString("utf8")
    .split(/\r?\n/)
    .flatMap((text, index) => entryOf(text, file, index + 1));
}
