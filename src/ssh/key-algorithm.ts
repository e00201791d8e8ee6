/** How a key signs a login: the name in the request, the name in the signature, and what to ask an agent for. */
export interface KeyAlgorithm {
  /** In the request: that of a certificate says so. */
  readonly request: string;
  /** In the signature: that of the plain key. */
  readonly signature: string;
  /** Flags of the request to an agent (SSH_AGENT_RSA_SHA2_256, SSH_AGENT_RSA_SHA2_512). */
  readonly agentFlags: number;
}

const certificateSuffix = "-cert-v01@openssh.com";

/** RSA keys sign in several ways (RFC 8332 §3); best first. */
const rsaSignatures = [
  { name: "rsa-sha2-512", agentFlags: 4 },
  { name: "rsa-sha2-256", agentFlags: 2 },
  { name: "ssh-rsa", agentFlags: 0 },
] as const;

/** Those that are safe. */
export const safeRsaSignatures: readonly string[] = ["rsa-sha2-512", "rsa-sha2-256"];

/** What old servers know: with SHA-1. */
export const oldRsaSignature = "ssh-rsa";

/** What every server that knows more than SHA-1 takes, for those that did not say. */
const commonRsaSignature = "rsa-sha2-256";

const plainAlgorithms = [
  "ssh-ed25519",
  "ecdsa-sha2-nistp256",
  "ecdsa-sha2-nistp384",
  "ecdsa-sha2-nistp521",
  "sk-ssh-ed25519@openssh.com",
  "sk-ecdsa-sha2-nistp256@openssh.com",
  ...safeRsaSignatures,
];

/** The names by which logins with keys ask, as far as they are safe. */
export const usualKeyAlgorithms: readonly string[] = [
  ...plainAlgorithms.map((name) => `${name.replace("@openssh.com", "")}${certificateSuffix}`),
  ...plainAlgorithms,
];

/** All of them. */
export const knownKeyAlgorithms: readonly string[] = [
  ...usualKeyAlgorithms,
  oldRsaSignature,
  `${oldRsaSignature}${certificateSuffix}`,
];

/** The type of the plain key in a certificate's type name: `ssh-ed25519` of `ssh-ed25519-cert-v01@openssh.com`; other names as they are. */
export function plainKeyType(type: string): string {
  if (!type.endsWith(certificateSuffix)) return type;
  const plain = type.slice(0, -certificateSuffix.length);
  return plain.startsWith("sk-") ? `${plain}@openssh.com` : plain;
}

/** Whether a key blob's type name is that of a certificate. */
export function isCertificateType(type: string): boolean {
  return type.endsWith(certificateSuffix);
}

/** The name in the request of a login that is signed with `signature`. */
export function requestName(type: string, signature: string): string {
  return isCertificateType(type) ? `${signature}${certificateSuffix}` : signature;
}

/**
 * How to sign with a key or certificate of the given type. `serverAlgorithms` is what the server said it takes (RFC 8308), if it did;
 * `signatures` are the ways in which an RSA key may sign.
 */
export function keyAlgorithm(
  type: string,
  serverAlgorithms: readonly string[] | undefined,
  signatures: readonly string[] = safeRsaSignatures,
): KeyAlgorithm {
  const plain = plainKeyType(type);
  if (plain !== "ssh-rsa") return { request: type, signature: plain, agentFlags: 0 };
  const usable = rsaSignatures.filter(({ name }) => signatures.includes(name));
  const best =
    usable.find(({ name }) => serverAlgorithms?.includes(name)) ??
    usable.find(({ name }) => name === commonRsaSignature) ??
    usable[0];
  const { name, agentFlags } = best ?? rsaSignatures[1];
  return { request: requestName(type, name), signature: name, agentFlags };
}
