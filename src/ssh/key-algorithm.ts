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

/** RSA keys sign in several ways (RFC 8332 §3); best first, and never SHA-1. */
const rsaSignatures = [
  { name: "rsa-sha2-512", agentFlags: 4 },
  { name: "rsa-sha2-256", agentFlags: 2 },
] as const;

/** What every server that knows more than SHA-1 takes, for those that did not say. */
const commonRsaSignature = rsaSignatures[1];

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

/** How to sign with a key or certificate of the given type. `serverAlgorithms` is what the server said it takes (RFC 8308), if it did. */
export function keyAlgorithm(type: string, serverAlgorithms: readonly string[] | undefined): KeyAlgorithm {
  const plain = plainKeyType(type);
  if (plain !== "ssh-rsa") return { request: type, signature: plain, agentFlags: 0 };
  const { name, agentFlags } = rsaSignatures.find((one) => serverAlgorithms?.includes(one.name)) ?? commonRsaSignature;
  return { request: isCertificateType(type) ? `${name}${certificateSuffix}` : name, signature: name, agentFlags };
}
