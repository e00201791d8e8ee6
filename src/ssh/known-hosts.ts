import { createHmac, timingSafeEqual } from "node:crypto";
import { matchesWildcard } from "../base/index.ts";
import type { ConnectPlan } from "./engine.ts";
import type { RevocationList } from "./revocation-list.ts";
import { keyTypeOf } from "./wire.ts";

export type HostMarker = "none" | "cert-authority" | "revoked";

/** One line of a known_hosts file, or a list of keys that are revoked for every host. */
export interface KnownHost {
  readonly file: string;
  /** 0 where there are no lines. */
  readonly line: number;
  readonly marker: HostMarker;
  /** The first field as it stands: comma-separated patterns or one hashed name. */
  readonly hosts: string;
  readonly keyType: string;
  readonly key: Buffer;
  /** What is revoked, in place of `key`. */
  readonly list?: RevocationList;
}

export type HostKeyVerdict =
  | { readonly kind: "known" }
  /** `certificate`: why that of the host does not count, where an authority is known for it. */
  | { readonly kind: "unknown"; readonly otherTypes: readonly string[]; readonly certificate?: string }
  | { readonly kind: "changed"; readonly entry: KnownHost }
  | { readonly kind: "revoked"; readonly entry: KnownHost };

function parseMarker(word: string): HostMarker | undefined {
  if (word === "@cert-authority") return "cert-authority";
  return word === "@revoked" ? "revoked" : undefined;
}

function parseLine(text: string, file: string, line: number): KnownHost | undefined {
  const words = text.trim().split(/[ \t]+/);
  if (text.trim() === "" || text.trim().startsWith("#")) return undefined;
  const marked = words[0]?.startsWith("@") === true;
  const marker = marked ? parseMarker(words[0] ?? "") : "none";
  const [hosts, keyType, encoded] = marked ? words.slice(1) : words;
  if (marker === undefined || hosts === undefined || keyType === undefined || encoded === undefined) return undefined;
  const key = Buffer.from(encoded, "base64");
  // OpenSSH ignores lines whose key does not say what the line says.
  return keyTypeOf(key) === keyType ? { file, line, marker, hosts, keyType, key } : undefined;
}

/** The entries of a known_hosts file; comments and lines that OpenSSH would not understand are left out. */
export function parseKnownHosts(text: string, file: string): readonly KnownHost[] {
  return text.split(/\r?\n/).flatMap((line, index) => parseLine(line, file, index + 1) ?? []);
}

function matchesHash(field: string, name: string): boolean {
  const [, , salt = "", hash = ""] = field.split("|");
  const wanted = Buffer.from(hash, "base64");
  const actual = createHmac("sha1", Buffer.from(salt, "base64")).update(name).digest();
  return wanted.length === actual.length && timingSafeEqual(wanted, actual);
}

/** Whether the first field of a line names `name` (as `hostName` makes it): hashed, or patterns with wildcards and negation. */
export function matchesHosts(field: string, name: string): boolean {
  if (field.startsWith("|1|")) return matchesHash(field, name);
  let matched = false;
  for (const item of field.split(",")) {
    const negated = item.startsWith("!");
    const pattern = (negated ? item.slice(1) : item).toLowerCase();
    if (pattern === "" || !matchesWildcard(pattern, name)) continue;
    if (negated) return false;
    matched = true;
  }
  return matched;
}

/** The name under which a host stands in known_hosts: lower case, `[host]:port` unless the port is 22. */
export function hostName(host: string, port: number): string {
  const name = host.toLowerCase();
  return port === 22 ? name : `[${name}]:${port}`;
}

type HostPlace = Pick<ConnectPlan, "host" | "port" | "hostKeyAlias">;

/** The name to look up: the alias as it is (OpenSSH adds no port to it), else the host with its port. */
export function nameInKnownHosts({ host, port, hostKeyAlias }: HostPlace): string {
  return hostKeyAlias === undefined ? hostName(host, port) : hostKeyAlias.toLowerCase();
}

/** The host without its port: what is known of it under this name serves, too, where nothing is known of it with the port, as with OpenSSH. */
export function portlessName({ host, port, hostKeyAlias }: HostPlace): string | undefined {
  return hostKeyAlias === undefined && port !== 22 ? hostName(host, 22) : undefined;
}

function matching(entries: readonly KnownHost[], name: string): readonly KnownHost[] {
  return entries.filter((entry) => matchesHosts(entry.hosts, name));
}

function revokes({ marker, list, key }: KnownHost, shown: Buffer): boolean {
  return marker === "revoked" && (list === undefined ? key.equals(shown) : list.revokes(shown));
}

/** Where an entry stands, for people. */
export function placeOfEntry({ file, line }: KnownHost): string {
  return line === 0 ? file : `${file} line ${line}`;
}

/** What the entries say about a plain key for the host called `name`. Revocation beats all; then an equal key; then a different one of its type. */
export function judgeHostKey(entries: readonly KnownHost[], name: string, key: Buffer): HostKeyVerdict {
  const own = matching(entries, name);
  const revoked = own.find((entry) => revokes(entry, key));
  if (revoked !== undefined) return { kind: "revoked", entry: revoked };
  const plain = own.filter((entry) => entry.marker === "none");
  if (plain.some((entry) => entry.key.equals(key))) return { kind: "known" };
  const type = keyTypeOf(key);
  const changed = plain.find((entry) => entry.keyType === type);
  if (changed !== undefined) return { kind: "changed", entry: changed };
  const otherTypes = plain.map((entry) => entry.keyType);
  return hasAuthority(entries, name)
    ? { kind: "unknown", otherTypes, certificate: "it showed no certificate" }
    : { kind: "unknown", otherTypes };
}

/** Whether a certificate authority is known for the host called `name`. */
export function hasAuthority(entries: readonly KnownHost[], name: string): boolean {
  return matching(entries, name).some((entry) => entry.marker === "cert-authority");
}

/** Whether any key is revoked for the host called `name`. */
export function hasRevoked(entries: readonly KnownHost[], name: string): boolean {
  return matching(entries, name).some((entry) => entry.marker === "revoked");
}

/** Whether `key` is that of a certificate authority for the host called `name`. */
export function isAuthority(entries: readonly KnownHost[], name: string, key: Buffer): boolean {
  return matching(entries, name).some((entry) => entry.marker === "cert-authority" && entry.key.equals(key));
}

/** The line that revokes any of `keys` for the host called `name`. */
export function revokedLine(
  entries: readonly KnownHost[],
  name: string,
  keys: readonly Buffer[],
): KnownHost | undefined {
  return matching(entries, name).find((entry) => keys.some((key) => revokes(entry, key)));
}

/** Key types for which the entries hold a plain key of `name`: what to ask the server for first. */
export function knownKeyTypes(entries: readonly KnownHost[], name: string): readonly string[] {
  return matching(entries, name)
    .filter((entry) => entry.marker === "none")
    .map((entry) => entry.keyType);
}
