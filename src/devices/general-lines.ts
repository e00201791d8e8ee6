/** Lines with the cursor that ask for a secret on nearly every CLI; platform files may say otherwise. */
export const generalSecrets: readonly string[] = [
  String.raw`(?i)\b(?:password|passcode|passphrase|verification code|one-time code|token|secret|pin)\b[^:]{0,60}:\s?$`,
];

/** Lines with the cursor that ask something else; platform files may say otherwise. */
export const generalQuestions: readonly string[] = [
  String.raw`(?i)\[(?:confirm|cancel|y\/n|n\/y|yes\/no|yes,no|no|yes|y|n)\](?:\([yn]\))?\s?\??:?\s?$`,
  String.raw`(?i)\((?:y\/n|n\/y|yes\/no|y or n|yes\/no\/cancel)\)\s?(?:\[[^\]]{0,10}\])?\s?\??:?\s?$`,
  String.raw`\]\?\s?$`,
];

/** Pagers that platform files need not repeat. */
export const generalPagers: readonly string[] = [
  String.raw`(?i)^\s{0,4}(?:<?-{1,4} ?\(?more(?: \d{1,3}%)?\)? ?-{0,4}>?)\s?$`,
];
