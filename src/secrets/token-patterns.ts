/** Tokens that are known by their looks. Every repetition has a bound, so that no text takes long. */
const patterns: readonly RegExp[] = [
  /-----BEGIN (?:[A-Z0-9]{1,20} ){0,3}PRIVATE KEY-----[\w+/=\s:,\\-]{1,20000}?-----END (?:[A-Z0-9]{1,20} ){0,3}PRIVATE KEY-----/g,
  /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g,
  /\bgh[pousr]_\w{36,255}/g,
  /\bgithub_pat_\w{22,255}/g,
  /\bglpat-[\w-]{20,100}/g,
  /\bxox[abeprs]-[\w-]{10,250}/g,
  /\bAIza[\w-]{35}/g,
  /\bnpm_[A-Za-z0-9]{36}\b/g,
  /\bsk-[\w-]{20,250}/g,
  /\b[rs]k_(?:live|test)_\w{16,250}/g,
  /\beyJ[\w-]{8,4000}\.eyJ[\w-]{8,8000}\.[\w-]{8,4000}/g,
];

/** A password in an address: what stands around it stays. */
const inAddress = /(\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s:/@]{0,100}:)[^\s:/@]{1,200}(?=@)/gi;

/** Text with what looks like a well-known token, a private key or a password in an address replaced. */
export function hideTokens(text: string, replacement: string): string {
  const rest = patterns.reduce((shown, pattern) => shown.replaceAll(pattern, replacement), text);
  return rest.replaceAll(inAddress, `$1${replacement}`);
}
