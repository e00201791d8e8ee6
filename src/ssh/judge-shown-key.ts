import { oneLine } from "../base/index.ts";
import { isSignedByAuthority, parseCertificate, type Certificate } from "./certificate.ts";
import { chosenNames } from "./chosen-names.ts";
import type { ConnectPlan } from "./engine.ts";
import { authoritySignatures, fingerprint, orderHostKeyAlgorithms, type HostKeyAlgorithms } from "./host-key.ts";
import {
  hasAuthority,
  hasRevoked,
  isAuthority,
  judgeHostKey,
  knownKeyTypes,
  nameInKnownHosts,
  portlessName,
  revokedLine,
  type HostKeyVerdict,
  type KnownHost,
} from "./known-hosts.ts";
import { keyTypeOf } from "./wire.ts";
import { isCertificateType } from "./key-algorithm.ts";

interface HostFacts {
  /** As it stands in known_hosts. */
  readonly name: string;
  /** What a certificate must name: the host without its port, or its alias. */
  readonly principal: string;
  /** Seconds since 1970. */
  readonly nowS: number;
  /** How authorities may sign. */
  readonly signatures: readonly string[];
  /** An authority is known for the host, under one of its names. */
  readonly certified: boolean;
}

/** What is known of the way to a host that says how it is judged. */
type HostPlace = Pick<ConnectPlan, "host" | "port" | "hostKeyAlias" | "algorithms">;

/** The name of an algorithm comes from the host; no real one is longer. */
const shownName = 64;

/** Why a certificate does not certify the host, or undefined when it does. The authority has been found to be a known one. */
function flaw(certificate: Certificate, { principal, nowS, signatures }: HostFacts): string | undefined {
  const { principals } = certificate;
  if (certificate.kind !== "host") return "its certificate is one for users";
  if (nowS < certificate.validAfterS) return "its certificate is not valid yet";
  if (nowS >= certificate.validBeforeS) return "its certificate has expired";
  if (certificate.hasCriticalOptions) return "its certificate has options that are not known here";
  if (principals.length > 0 && !principals.includes(principal)) return `its certificate does not name ${principal}`;
  const signed = keyTypeOf(certificate.signature) ?? "";
  if (!signatures.includes(signed)) {
    return `its certificate is signed with ${oneLine(signed, shownName)}, which CASignatureAlgorithms does not allow`;
  }
  return isSignedByAuthority(certificate) ? undefined : "the signature of its certificate is wrong";
}

/**
 * What the entries say about the key or certificate that a host showed. A certificate counts when a known authority of
 * the host signed it and it is for this host, now; the key in it, or its authority, may be revoked. A certificate that
 * does not count is no better than the plain key in it, as with OpenSSH.
 */
function judgeUnderName(entries: readonly KnownHost[], host: HostFacts, shown: Buffer): HostKeyVerdict {
  if (!isCertificateType(keyTypeOf(shown) ?? "")) return judgeHostKey(entries, host.name, shown);
  const certificate = parseCertificate(shown);
  if (certificate === undefined) {
    return { kind: "unknown", otherTypes: [], certificate: "its certificate is malformed" };
  }
  const { plainKey, authority } = certificate;
  const revoked = revokedLine(entries, host.name, [shown, plainKey, authority]);
  if (revoked !== undefined) return { kind: "revoked", entry: revoked };
  const isKnown = isAuthority(entries, host.name, authority);
  const why = isKnown
    ? flaw(certificate, host)
    : `its certificate is signed by an unknown authority, ${fingerprint(authority)}`;
  if (why === undefined) return { kind: "known" };
  const verdict = judgeHostKey(entries, host.name, plainKey);
  return verdict.kind === "unknown" && host.certified ? { ...verdict, certificate: why } : verdict;
}

/**
 * What the entries say about the key or certificate that a host showed at `nowS` (seconds since 1970). A host of which
 * nothing is known with its port may be known without it.
 */
export function judgeShownKey(
  entries: readonly KnownHost[],
  place: HostPlace,
  shown: Buffer,
  nowS: number,
): HostKeyVerdict {
  const principal = (place.hostKeyAlias ?? place.host).toLowerCase();
  const signatures = chosenNames(place.algorithms?.["casignaturealgorithms"], authoritySignatures);
  const certified = namesOf(place).some((name) => hasAuthority(entries, name));
  const facts = { principal, nowS, signatures, certified };
  const verdict = judgeUnderName(entries, { ...facts, name: nameInKnownHosts(place) }, shown);
  const otherName = portlessName(place);
  if (verdict.kind !== "unknown" || otherName === undefined) return verdict;
  const other = judgeUnderName(entries, { ...facts, name: otherName }, shown);
  return other.kind === "known" || other.kind === "revoked" ? other : verdict;
}

/** The names under which something may be known of a host. */
function namesOf(place: HostPlace): readonly string[] {
  return [nameInKnownHosts(place), portlessName(place)].flatMap((name) => name ?? []);
}

/** What to ask a host for, best first, so that it shows what can be checked: its certificate also where its authority may be revoked. */
export function algorithmsFor(entries: readonly KnownHost[], place: HostPlace): HostKeyAlgorithms {
  const names = namesOf(place);
  const [types = []] = names.map((name) => knownKeyTypes(entries, name)).filter((found) => found.length > 0);
  const some = (has: typeof hasAuthority): boolean => names.some((name) => has(entries, name));
  const why = some(hasRevoked) ? "revoked" : "none";
  return orderHostKeyAlgorithms(types, some(hasAuthority) ? "authority" : why);
}
