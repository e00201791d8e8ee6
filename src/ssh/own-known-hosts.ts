import { appendFileSync, existsSync, lstatSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { HoldfastError, messageOf, randomHex } from "../base/index.ts";
import type { ConnectPlan } from "./engine.ts";
import { matchesHosts, nameInKnownHosts, parseKnownHosts } from "./known-hosts.ts";
import { keyTypeOf } from "./wire.ts";

function refuseForeign(file: string): void {
  const facts = lstatSync(file, { throwIfNoEntry: false });
  if (facts === undefined) return;
  if (!facts.isFile()) throw new Error("it is no regular file");
  if (process.getuid !== undefined && facts.uid !== process.getuid()) throw new Error("it belongs to another user");
}

/** Appends a line for `key` to Holdfast's own file; the file is made with 0600, its directory with 0700. Synchronous, because host keys are judged so. Throws when it cannot. */
export function appendOwnKnownHost(file: string, name: string, key: Buffer): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  refuseForeign(file);
  const unfinished = existsSync(file) && !/(?:^|\n)$/.test(readFileSync(file, "utf8"));
  appendFileSync(file, `${unfinished ? "\n" : ""}${name} ${keyTypeOf(key) ?? ""} ${key.toString("base64")}\n`, {
    mode: 0o600,
  });
}

/** Puts `key` in the place of all keys of its type that Holdfast's own file has for `name`; other lines stay as they are. Throws when it cannot. */
function replaceOwnKnownHost(file: string, name: string, key: Buffer): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  refuseForeign(file);
  const text = existsSync(file) ? readFileSync(file, "utf8") : "";
  const type = keyTypeOf(key) ?? "";
  const outdated = new Set(
    parseKnownHosts(text, file)
      .filter((entry) => entry.marker === "none" && entry.keyType === type && matchesHosts(entry.hosts, name))
      .map((entry) => entry.line),
  );
  // An appended line cannot undo what another process writes at the same time.
  if (outdated.size === 0) {
    appendOwnKnownHost(file, name, key);
    return;
  }
  const kept = text
    .split("\n")
    .filter((_, index) => !outdated.has(index + 1))
    .join("\n")
    .replace(/\n*$/, "");
  const next = `${file}.${randomHex(6)}`;
  writeFileSync(next, `${kept === "" ? "" : `${kept}\n`}${name} ${type} ${key.toString("base64")}\n`, {
    mode: 0o600,
    flag: "wx",
  });
  renameSync(next, file);
}

/**
 * Writes `key` to Holdfast's own known_hosts file, in the place of a former key of its type, and returns the file. For when a person has said
 * so. Throws `config_invalid` when the file cannot be written.
 */
export function rememberHostKey(
  plan: Pick<ConnectPlan, "host" | "port" | "hostKeyAlias" | "ownKnownHostsFile">,
  key: Buffer,
): string {
  const file = plan.ownKnownHostsFile;
  if (file === undefined) {
    throw new HoldfastError("config_invalid", "there is no known_hosts file to write to", {
      hint: "Set HOLDFAST_CONFIG_DIR",
    });
  }
  try {
    replaceOwnKnownHost(file, nameInKnownHosts(plan), key);
    return file;
  } catch (error) {
    throw new HoldfastError("config_invalid", `the host key cannot be kept in ${file}: ${messageOf(error)}`, {
      hint: "Make the file writable",
      cause: error,
    });
  }
}
