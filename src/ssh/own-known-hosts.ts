import { appendFileSync, lstatSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { randomHex } from "../base/index.ts";
import { matchesHosts, parseKnownHosts } from "./known-hosts.ts";
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
  appendFileSync(file, `${name} ${keyTypeOf(key) ?? ""} ${key.toString("base64")}\n`, { mode: 0o600 });
}

/** Puts `key` in the place of all keys of its type that Holdfast's own file has for `name`; other lines stay as they are. Throws when it cannot. */
export function replaceOwnKnownHost(file: string, name: string, key: Buffer): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  refuseForeign(file);
  const text = lstatSync(file, { throwIfNoEntry: false }) === undefined ? "" : readFileSync(file, "utf8");
  const type = keyTypeOf(key) ?? "";
  const outdated = new Set(
    parseKnownHosts(text, file)
      .filter((entry) => entry.marker === "none" && entry.keyType === type && matchesHosts(entry.hosts, name))
      .map((entry) => entry.line),
  );
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
