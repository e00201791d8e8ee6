import { readFile } from "node:fs/promises";
import { HoldfastError, messageOf, ownCopy, wallMs } from "../base/index.ts";
import { parseCertificate } from "./certificate.ts";
import { describeTarget } from "./describe-target.ts";
import type { ConnectPlan } from "./engine.ts";
import { fingerprint, keyTypeName, type HostKeyAlgorithms, type HostKeyJudge } from "./host-key.ts";
import { algorithmsFor, judgeShownKey } from "./judge-shown-key.ts";
import { nameInKnownHosts, parseKnownHosts, placeOfEntry, type HostKeyVerdict, type KnownHost } from "./known-hosts.ts";
import { appendOwnKnownHost } from "./own-known-hosts.ts";
import { readRevokedHostKeys } from "./revoked-host-keys.ts";

/** The part of a plan that says how a host is known. */
export type HostIdentity = Pick<
  ConnectPlan,
  | "alias"
  | "host"
  | "port"
  | "hostKeyAlias"
  | "knownHostsFiles"
  | "ownKnownHostsFile"
  | "unknownHostKey"
  | "algorithms"
  | "revokedHostKeysFile"
>;

/** More entries than any real file has; a larger file is not a known_hosts file. */
const largestFileBytes = 64 * 1024 * 1024;

async function readEntries(file: string): Promise<readonly KnownHost[]> {
  try {
    const bytes = await readFile(file);
    return bytes.length > largestFileBytes ? [] : parseKnownHosts(bytes.toString("utf8"), file);
  } catch (error) {
    // Missing files are normal; an unreadable one must not turn a changed key into an unknown one.
    if (error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR")) return [];
    throw new HoldfastError("config_invalid", `the known_hosts file ${file} cannot be read: ${messageOf(error)}`, {
      hint: "Make it readable, or take it out of UserKnownHostsFile",
      cause: error,
    });
  }
}

/** All entries of the files of a plan, in their order; Holdfast's own file last, and then those that revoke. */
export async function readKnownHosts(identity: HostIdentity): Promise<readonly KnownHost[]> {
  const own = identity.ownKnownHostsFile;
  const files = own === undefined ? identity.knownHostsFiles : [...identity.knownHostsFiles, own];
  const lists = await Promise.all([...new Set(files)].map(readEntries));
  const { revokedHostKeysFile } = identity;
  return [
    ...lists.flat(),
    ...(revokedHostKeysFile === undefined ? [] : await readRevokedHostKeys(revokedHostKeysFile)),
  ];
}

function unknownKeyError(
  identity: HostIdentity,
  shown: Buffer,
  { otherTypes, certificate }: { readonly otherTypes: readonly string[]; readonly certificate?: string },
): HoldfastError {
  const key = parseCertificate(shown)?.plainKey ?? shown;
  const others = otherTypes.length === 0 ? "" : ` (only ${otherTypes.join(", ")} of it is known)`;
  const why = certificate === undefined ? "" : `; a certificate is expected of it, but ${certificate}`;
  return new HoldfastError(
    "host_key_unknown",
    `${describeTarget(identity)} offered the ${keyTypeName(key)} key ${fingerprint(key)}, which no known_hosts file names${others}${why}`,
    {
      hint: `Nothing was sent. Compare the fingerprint with the host's own, then: holdfast trust ${identity.alias}`,
      details: { fingerprint: fingerprint(key), keyType: keyTypeName(key), hostKey: key.toString("base64") },
    },
  );
}

/** The error for a key that must not be accepted. */
export function refuseHostKey(
  identity: HostIdentity,
  shown: Buffer,
  verdict: Exclude<HostKeyVerdict, { kind: "known" }>,
): HoldfastError {
  if (verdict.kind === "unknown") return unknownKeyError(identity, shown, verdict);
  const key = parseCertificate(shown)?.plainKey ?? shown;
  const { entry } = verdict;
  if (verdict.kind === "revoked") {
    return new HoldfastError(
      "host_key_revoked",
      `${describeTarget(identity)} offered ${fingerprint(key)}, which ${placeOfEntry(entry)} marks as revoked`,
      {
        hint: "Nothing was sent. Do not connect: ask who runs the host for its new key",
      },
    );
  }
  return new HoldfastError(
    "host_key_changed",
    `${describeTarget(identity)} offered ${fingerprint(key)}, ${entry.file} line ${entry.line} has ${fingerprint(entry.key)}`,
    {
      hint: `Nothing was sent. If the change is expected: holdfast trust ${identity.alias}`,
      details: { fingerprint: fingerprint(key) },
    },
  );
}

/** A host of which nothing is known. One that shows a key of another type than it used to, or no certificate where one is expected, is none. */
function isNewcomer(verdict: HostKeyVerdict): boolean {
  return verdict.kind === "unknown" && verdict.otherTypes.length === 0 && verdict.certificate === undefined;
}

/** Judges the host key of one connection, at once and the same way at each rekey. */
export class HostKeyCheck implements HostKeyJudge {
  readonly algorithms: HostKeyAlgorithms;
  readonly #identity: HostIdentity;
  /** Empty when a key was accepted: nothing else is asked of them then, and the connection keeps this for ever. */
  #entries: readonly KnownHost[];
  #accepted: Buffer | undefined;
  #refusal: HoldfastError | undefined;

  constructor(identity: HostIdentity, entries: readonly KnownHost[]) {
    this.#identity = identity;
    this.#entries = entries;
    this.algorithms = algorithmsFor(entries, identity);
  }

  /** Why the key was refused, once it was. */
  get refusal(): HoldfastError | undefined {
    return this.#refusal;
  }

  /** The fingerprint of the key that was accepted, of a certificate that of the key in it; "" before. */
  get acceptedKey(): string {
    const shown = this.#accepted;
    return shown === undefined ? "" : fingerprint(parseCertificate(shown)?.plainKey ?? shown);
  }

  /** Synchronous by need: an answer that comes later during a rekey corrupts the connection. */
  accepts(offered: Buffer): boolean {
    if (this.#accepted !== undefined) return this.#acceptsAgain(offered, this.#accepted);
    const key = ownCopy(offered);
    const verdict = judgeShownKey(this.#entries, this.#identity, key, wallMs() / 1000);
    const newcomer = this.#identity.unknownHostKey === "accept-new" && isNewcomer(verdict);
    if (verdict.kind !== "known" && !newcomer) {
      this.#refusal = refuseHostKey(this.#identity, key, verdict);
      return false;
    }
    if (newcomer && !this.#remember(key)) return false;
    this.#accepted = key;
    this.#entries = [];
    return true;
  }

  #acceptsAgain(offered: Buffer, accepted: Buffer): boolean {
    if (offered.equals(accepted)) return true;
    this.#refusal = new HoldfastError(
      "host_key_changed",
      `${describeTarget(this.#identity)} changed its host key during the connection to ${fingerprint(offered)}`,
      {
        hint: "The connection was ended. Someone may be in between: check the network",
      },
    );
    return false;
  }

  #remember(key: Buffer): boolean {
    const file = this.#identity.ownKnownHostsFile;
    if (file === undefined) return true;
    try {
      appendOwnKnownHost(file, nameInKnownHosts(this.#identity), parseCertificate(key)?.plainKey ?? key);
      return true;
    } catch (error) {
      this.#refusal = new HoldfastError(
        "config_invalid",
        `the new host key cannot be kept in ${file}: ${messageOf(error)}`,
        {
          hint: "Nothing was sent. Make the file writable",
          cause: error,
        },
      );
      return false;
    }
  }
}
