import { oneLine, wallMs, type HoldfastError } from "../base/index.ts";
import { listAgentKeys, type AgentKey } from "./agent-client.ts";
import { parseCertificate } from "./certificate.ts";
import type { ConnectPlan } from "./engine.ts";
import { agentSigner, fileSigner, identityOf, type Identity, type Signer } from "./identity.ts";
import { lockedKeys, type LockedKey } from "./locked-key.ts";
import { readKeyFile, readPublicFile, type KeyFile } from "./private-key.ts";
import { sealedKeys, type SealedKey } from "./sealed-key.ts";
import type { Ssh2Library } from "./ssh2-library.ts";
import { waysToSign } from "./ways-to-sign.ts";

/** One key to offer, and how messages name it. */
export interface KeyOffer {
  readonly label: string;
  readonly identity: Identity;
}

export interface Credentials {
  readonly keys: readonly KeyOffer[];
  /** Files that a person has to open before it is known what is in them. */
  readonly sealed: readonly SealedKey[];
  readonly password: string | undefined;
  /** Key files that are there but were left out, and why: the first thing to know when the login fails. */
  readonly leftOut: readonly string[];
}

/** OpenSSH ends the connection after 6 failed attempts (MaxAuthTries); a password must still find room. */
const mostKeys = 5;

/** Comments of keys are mostly `user@host`; more is not shown. */
const shownComment = 80;

/** A user certificate from a file that is valid now. */
interface CertificateFile {
  readonly path: string;
  readonly blob: Buffer;
  readonly plainKey: Buffer;
}

interface Sources {
  readonly plan: ConnectPlan;
  readonly files: readonly KeyFile[];
  readonly agentKeys: readonly AgentKey[];
  readonly certificates: readonly CertificateFile[];
  readonly locked: readonly LockedKey[];
  readonly sealed: readonly SealedKey[];
  /** Somebody can be asked what the server wants to know. */
  readonly people: boolean;
}

/** Who can sign with the key `blob`: the agent when it has it (it needs no passphrase), else the file that has, perhaps after a person's word. */
function signerOf(sources: Sources, blob: Buffer): Signer | undefined {
  const { plan, files, agentKeys, locked } = sources;
  if (plan.agentSocket !== undefined && agentKeys.some((key) => key.blob.equals(blob))) {
    return agentSigner(plan.agentSocket, blob);
  }
  const file = files.find((one) => one.kind === "key" && one.publicBlob.equals(blob));
  if (file?.kind === "key") return fileSigner(file.privateKey);
  return locked.find((one) => one.publicBlob.equals(blob))?.signer;
}

function nameOf(path: string, signer: Signer): string {
  return signer.kind === "agent" ? `${path} (agent)` : path;
}

/** A key file's own offer; undefined when nobody can sign with it. */
function fileOffer(sources: Sources, file: KeyFile): KeyOffer | undefined {
  if (file.kind === "missing" || file.publicBlob === undefined) return undefined;
  const signer = signerOf(sources, file.publicBlob);
  if (signer === undefined) return undefined;
  return { label: nameOf(file.path, signer), identity: identityOf(file.publicBlob, signer) };
}

/** Certificates from files, as far as somebody can sign with their keys. */
function certificateOffers(sources: Sources): readonly KeyOffer[] {
  return sources.certificates.flatMap(({ path, blob, plainKey }) => {
    const signer = signerOf(sources, plainKey);
    return signer === undefined ? [] : [{ label: nameOf(path, signer), identity: identityOf(blob, signer) }];
  });
}

/** What the agent holds beside the named key files: certificates for those are theirs, too. */
function agentOffers(sources: Sources): { readonly named: readonly KeyOffer[]; readonly others: readonly KeyOffer[] } {
  const { plan, files, agentKeys } = sources;
  const socket = plan.agentSocket;
  if (socket === undefined) return { named: [], others: [] };
  const isNamed = (blob: Buffer | undefined): boolean =>
    files.some((file) => file.kind !== "missing" && blob !== undefined && file.publicBlob?.equals(blob) === true);
  const offers = agentKeys.map(({ blob, comment }) => {
    const plainKey = parseCertificate(blob)?.plainKey;
    const label = `${comment === "" ? "a key" : oneLine(comment, shownComment)}${plainKey === undefined ? "" : ", certificate"} (agent)`;
    return {
      named: isNamed(plainKey),
      known: isNamed(blob),
      offer: { label, identity: identityOf(blob, agentSigner(socket, blob)) },
    };
  });
  return {
    named: offers.filter(({ named }) => named).map(({ offer }) => offer),
    others: offers.filter(({ named, known }) => !named && !known).map(({ offer }) => offer),
  };
}

/** As OpenSSH orders them (certificates, named keys of the agent, its others, the rest), but what the caller named comes first. */
function orderOffers(sources: Sources, offers: readonly (KeyOffer | undefined)[]): readonly KeyOffer[] {
  const { plan } = sources;
  const own = offers.flatMap((offer) => offer ?? []);
  const explicit = offers.filter((_, at) => plan.identityFiles[at]?.explicit === true).flatMap((offer) => offer ?? []);
  const agent = agentOffers(sources);
  const viaAgent = own.filter(({ identity }) => identity.signer.kind === "agent");
  const certificates = [...certificateOffers(sources), ...agent.named];
  const others = plan.identitiesOnly ? [] : agent.others;
  const seen = new Set<string>();
  return [...certificates, ...explicit, ...viaAgent, ...others, ...own]
    .filter(({ identity }) => {
      const id = identity.blob.toString("base64");
      return !seen.has(id) && seen.add(id).size > 0;
    })
    .flatMap((offer) => waysToSign(plan, offer))
    .slice(0, mostKeys);
}

/** The errors of files that nobody can use, as they are or with a person's help. */
function uselessFiles(
  { files, sealed }: Sources,
  offers: readonly (KeyOffer | undefined)[],
): readonly { readonly error: HoldfastError; readonly at: number }[] {
  return files.flatMap((file, at) => {
    if (file.kind !== "unusable" || offers[at] !== undefined) return [];
    return sealed.some(({ path }) => path === file.path) ? [] : [{ error: file.error, at }];
  });
}

/** Why it makes no sense to connect: a file that the caller named is of no use, or none is and there is nothing else to offer. */
function whyNotToConnect(sources: Sources, offers: readonly (KeyOffer | undefined)[]): HoldfastError | undefined {
  const { plan, people } = sources;
  const useless = uselessFiles(sources, offers);
  const named = useless.find(({ at }) => plan.identityFiles[at]?.explicit === true);
  const nothingElse =
    plan.password === undefined &&
    !people &&
    (plan.agentSocket === undefined || plan.identitiesOnly) &&
    offers.every((offer) => offer === undefined);
  return (named ?? (nothingElse ? useless[0] : undefined))?.error;
}

/** The certificate in a file; undefined when there is none, and text when it is of no use. */
async function readCertificate(path: string): Promise<CertificateFile | string | undefined> {
  const blob = await readPublicFile(path);
  if (blob === undefined) return undefined;
  const certificate = parseCertificate(blob);
  if (certificate?.kind !== "user") return `${path} is no user certificate`;
  const nowS = wallMs() / 1000;
  if (nowS >= certificate.validBeforeS) return `the certificate ${path} has expired`;
  if (nowS < certificate.validAfterS) return `the certificate ${path} is not valid yet`;
  return { path, blob, plainKey: certificate.plainKey };
}

/** The certificates named by the plan, and those that lie beside its key files as `<key>-cert.pub`; and what is wrong with others. */
async function readCertificates(plan: ConnectPlan): Promise<{
  readonly certificates: readonly CertificateFile[];
  readonly complaints: readonly string[];
}> {
  const named = plan.certificateFiles ?? [];
  const beside = plan.identityFiles.map(({ path }) => `${path.replace(/\.pub$/, "")}-cert.pub`);
  const paths = [...new Set([...named, ...beside])];
  const read = await Promise.all(
    paths.map(async (path) => {
      const found = await readCertificate(path);
      return found ?? (named.includes(path) ? `the certificate ${path} cannot be read` : undefined);
    }),
  );
  return {
    certificates: read.flatMap((one) => (typeof one === "object" ? [one] : [])),
    complaints: read.flatMap((one) => (typeof one === "string" ? [one] : [])),
  };
}

async function agentKeysOf({ agentSocket }: ConnectPlan): Promise<readonly AgentKey[]> {
  try {
    return agentSocket === undefined ? [] : await listAgentKeys(agentSocket);
  } catch {
    // An agent that is gone is no reason to fail: there may be other ways in.
    return [];
  }
}

/**
 * Reads key files and certificates and asks the agent. Rejects with `key_unreadable` when a named file is of no use, or all are and nothing
 * else is there: no other credentials, and no `people` to ask.
 */
export async function gatherCredentials(
  library: Ssh2Library,
  plan: ConnectPlan,
  people: boolean,
): Promise<Credentials> {
  const { passphrase } = plan;
  const [files, agentKeys, { certificates, complaints }] = await Promise.all([
    Promise.all(plan.identityFiles.map(({ path, explicit }) => readKeyFile(library, { path, explicit, passphrase }))),
    agentKeysOf(plan),
    readCertificates(plan),
  ]);
  // A key and its passphrase named together are the caller's word: when they do not fit, that is the error.
  const lockable = files.filter((_, at) => passphrase === undefined || plan.identityFiles[at]?.explicit !== true);
  const locked = people ? lockedKeys(library, lockable) : [];
  const sealed = people ? sealedKeys(library, plan, lockable) : [];
  const sources = { plan, files, agentKeys, certificates, locked, sealed, people };
  const offers = files.map((file) => fileOffer(sources, file));
  const error = whyNotToConnect(sources, offers);
  if (error !== undefined) throw error;
  const leftOut = uselessFiles(sources, offers).map((useless) => useless.error.message);
  const keys = orderOffers(sources, offers);
  const keyless = certificates.filter(({ plainKey }) => signerOf(sources, plainKey) === undefined);
  return {
    keys,
    sealed: sealed.slice(0, mostKeys - keys.length),
    password: plan.password,
    leftOut: [...leftOut, ...complaints, ...keyless.map(({ path }) => `no key is there for the certificate ${path}`)],
  };
}
