import type { Duplex } from "node:stream";
import { HoldfastError, wallMs } from "../base/index.ts";
import { AuthOrder } from "./auth-order.ts";
import { corkWrites } from "./dial.ts";
import type { ConnectPlan } from "./engine.ts";
import { Handshake } from "./handshake.ts";
import { describeTarget } from "./describe-target.ts";
import { readKnownHosts, refuseHostKey } from "./host-key-check.ts";
import { fingerprint, keyTypeName, type HostKeyAlgorithms, type HostKeyJudge } from "./host-key.ts";
import { algorithmsFor, judgeShownKey } from "./judge-shown-key.ts";
import type { HostKeyVerdict } from "./known-hosts.ts";
import { rememberHostKey } from "./own-known-hosts.ts";
import { ReadBuffer } from "./read-buffer.ts";
import { loadSsh2 } from "./ssh2-library.ts";
import { openWay } from "./way-there.ts";

/** A line of a known_hosts file, for people; line 0 of a list that has none. */
export interface KnownHostPlace {
  readonly file: string;
  readonly line: number;
  readonly fingerprint: string;
}

/** What was done when a key was accepted. */
export interface TrustReport {
  /** The file that was written. */
  readonly file: string;
  /** The line of a file that is not Holdfast's own and still has the former key: for the person to remove. */
  readonly remains: KnownHostPlace | undefined;
}

/** The key that a host shows, beside what is known of it. */
export interface HostKeyOffer {
  /** `web1 (10.0.0.5:2222)`. */
  readonly target: string;
  /** `ED25519`, `ECDSA`, `RSA`. */
  readonly keyType: string;
  /** `SHA256:...`. */
  readonly fingerprint: string;
  readonly standing: HostKeyVerdict["kind"];
  /** The line that contradicts it (`changed`) or forbids it (`revoked`). */
  readonly known: KnownHostPlace | undefined;
  /**
   * Writes the key to Holdfast's own known_hosts file, in the place of a former one. For when a person has said so.
   * Throws `config_invalid` when the file cannot be written and `host_key_revoked` for a revoked key.
   */
  accept(): TrustReport;
}

interface OfferOptions {
  readonly signal?: AbortSignal | undefined;
  /** As of `SshEngine.connect`. */
  readonly stream?: (() => Promise<Duplex>) | undefined;
}

/** Looks at the key that the host shows and goes no further. */
async function fetchHostKey(
  plan: ConnectPlan,
  algorithms: HostKeyAlgorithms,
  { signal, stream }: OfferOptions,
): Promise<Buffer> {
  const library = await loadSsh2();
  const { socket } = await openWay(plan, { limitMs: plan.connectTimeoutMs, signal, reads: new ReadBuffer(), stream });
  corkWrites(socket);
  const seen: Buffer[] = [];
  const hostKey: HostKeyJudge = {
    algorithms,
    refusal: undefined,
    accepts: (key) => {
      seen.push(Buffer.from(key));
      return false;
    },
  };
  const auth = new AuthOrder({ credentials: { keys: [], sealed: [], password: undefined, leftOut: [] } });
  const handshake = new Handshake({
    library,
    plan,
    socket,
    hostKey,
    auth,
    signal,
    first: undefined,
    people: undefined,
    client: new library.Client(),
    leftOut: [],
    limitMs: plan.connectTimeoutMs,
  });
  try {
    await handshake.run();
  } catch (error) {
    const [key] = seen;
    if (key !== undefined) return key;
    throw error;
  }
  throw new HoldfastError("internal", `${describeTarget(plan)} let us in without showing a key`, {
    hint: "Please report it",
  });
}

function placeOf(verdict: HostKeyVerdict, shown: Buffer): KnownHostPlace | undefined {
  if (verdict.kind !== "changed" && verdict.kind !== "revoked") return undefined;
  const { entry } = verdict;
  return { file: entry.file, line: entry.line, fingerprint: fingerprint(entry.list === undefined ? entry.key : shown) };
}

/** Connects as far as the host key, over TCP or what the options open, and tells it beside what is known of it. Rejects as `connect` does before the login. */
export async function offerHostKey(plan: ConnectPlan, options: OfferOptions = {}): Promise<HostKeyOffer> {
  const entries = await readKnownHosts(plan);
  // The plain key: a certificate needs no trust of its own.
  const algorithms = { ...algorithmsFor(entries, plan), certificates: [] };
  const key = await fetchHostKey(plan, algorithms, options);
  const verdict = judgeShownKey(entries, plan, key, wallMs() / 1000);
  const known = placeOf(verdict, key);
  return {
    target: describeTarget(plan),
    keyType: keyTypeName(key),
    fingerprint: fingerprint(key),
    standing: verdict.kind,
    known,
    accept: () => {
      if (verdict.kind === "revoked") throw refuseHostKey(plan, key, verdict);
      const file = rememberHostKey(plan, key);
      return { file, remains: known !== undefined && known.file !== file ? known : undefined };
    },
  };
}
