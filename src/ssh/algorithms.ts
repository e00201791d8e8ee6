import { HoldfastError } from "../base/index.ts";
import { chosenNames, type AlgorithmLists } from "./chosen-names.ts";
import type { ConnectPlan } from "./engine.ts";
import { authoritySignatures, knownHostKeyAlgorithms, type HostKeyAlgorithms } from "./host-key.ts";
import { knownKeyAlgorithms } from "./key-algorithm.ts";
import type { Algorithms, KexAlgorithm, MacAlgorithm, ServerHostKeyAlgorithm } from "ssh2";
import { legacyCiphers, usualCiphers } from "./usual-ciphers.ts";

const kex: readonly KexAlgorithm[] = [
  "curve25519-sha256",
  "curve25519-sha256@libssh.org",
  "ecdh-sha2-nistp256",
  "ecdh-sha2-nistp384",
  "ecdh-sha2-nistp521",
  "diffie-hellman-group-exchange-sha256",
  "diffie-hellman-group16-sha512",
  "diffie-hellman-group18-sha512",
  "diffie-hellman-group14-sha256",
];

const macs: readonly MacAlgorithm[] = [
  "hmac-sha2-256-etm@openssh.com",
  "hmac-sha2-512-etm@openssh.com",
  "hmac-sha2-256",
  "hmac-sha2-512",
];

/** What only old servers need, and what can be broken: SHA-1, CBC. */
const legacy = {
  kex: [
    "diffie-hellman-group14-sha1",
    "diffie-hellman-group-exchange-sha1",
    "diffie-hellman-group1-sha1",
  ] satisfies KexAlgorithm[],
  hostKeys: ["ssh-rsa"] satisfies ServerHostKeyAlgorithm[],
  ciphers: legacyCiphers,
  macs: ["hmac-sha1-etm@openssh.com", "hmac-sha1"] satisfies MacAlgorithm[],
} as const;

/** Spoken, but not offered unless ssh_config names them. */
const rareKex: readonly KexAlgorithm[] = ["diffie-hellman-group15-sha512", "diffie-hellman-group17-sha512"];

/** What this side knows, for each list of ssh_config. */
const spoken: Readonly<Record<string, readonly string[]>> = {
  kexalgorithms: [...kex, ...rareKex, ...legacy.kex],
  ciphers: [...usualCiphers, ...legacy.ciphers],
  macs: [...macs, ...legacy.macs],
  hostkeyalgorithms: knownHostKeyAlgorithms,
  pubkeyacceptedalgorithms: knownKeyAlgorithms,
  casignaturealgorithms: authoritySignatures,
};

/** The names in lists of ssh_config that are not spoken here, by keyword: they are left out. */
export function unspokenAlgorithms(lists: AlgorithmLists): Readonly<Record<string, readonly string[]>> {
  const found = Object.entries(lists).map(([keyword, list]) => {
    const known = spoken[keyword] ?? [];
    return [
      keyword,
      list.startsWith("-") ? [] : chosenNames(list, []).filter((name) => !known.includes(name)),
    ] as const;
  });
  return Object.fromEntries(found.filter(([, names]) => names.length > 0));
}

/** What is offered to a server. */
export interface Offer {
  /** As ssh2 takes it. */
  readonly algorithms: Algorithms;
  /** Host key algorithms with certificates, which ssh2 does not know. */
  readonly certificates: readonly string[];
}

type OfferPlan = Pick<ConnectPlan, "alias" | "legacy" | "compression" | "algorithms">;

/**
 * What is offered to a server, in the order of preference: as ssh_config names it, else what is safe. Nothing with SHA-1 or CBC unless it is named
 * there or `legacy` is set; then it stands behind everything else. Throws `unsupported` when a list has no name that is spoken here.
 */
export function offeredAlgorithms(plan: OfferPlan, hostKeys: HostKeyAlgorithms): Offer {
  const old = plan.legacy === true;
  const lists = plan.algorithms ?? {};
  const pick = <Name extends string>(keyword: string, usual: readonly Name[], more: readonly Name[]): Name[] => {
    const wanted = chosenNames(lists[keyword], usual);
    const found = wanted.flatMap((name) => [...usual, ...more].filter((one) => one === name));
    const all = [...new Set([...found, ...(old ? more : [])])];
    if (all.length === 0) throw nothingSpoken(plan.alias, keyword);
    return all;
  };
  const named = lists["hostkeyalgorithms"];
  const { certificates } = hostKeys;
  return {
    algorithms: {
      kex: pick("kexalgorithms", kex, [...rareKex, ...legacy.kex]),
      serverHostKey: pick("hostkeyalgorithms", hostKeys.plain, legacy.hostKeys),
      cipher: pick("ciphers", usualCiphers, legacy.ciphers),
      hmac: pick("macs", macs, legacy.macs),
      compress: plan.compression === true ? ["zlib@openssh.com", "zlib", "none"] : ["none"],
    },
    certificates: chosenNames(named, certificates).filter((name) => certificates.includes(name)),
  };
}

function nothingSpoken(alias: string, keyword: string): HoldfastError {
  return new HoldfastError("unsupported", `ssh_config allows for ${alias} no ${keyword} that Holdfast speaks`, {
    // The system's ssh may speak it.
    details: keyword === "kexalgorithms" ? { noKeyExchange: 1 } : {},
    hint: `Add one to that list: ${(spoken[keyword] ?? []).slice(0, 3).join(", ")}`,
  });
}
