/** Lines with the cursor that ask for a secret on nearly every CLI; platform files may say otherwise. */
export const generalSecrets: readonly string[] = [
  String.raw`(?i)pass(?:word|code|phrase|wort)\b[^:]{0,60}:\s?$`,
  String.raw`(?i)\b(?:verification|one-time|access) code\b[^:]{0,40}:\s?$`,
  String.raw`(?i)\b(?:token|secret|pin)\b[^:]{0,40}:\s?$`,
];

/** Lines with the cursor that ask something else; platform files may say otherwise. */
export const generalQuestions: readonly string[] = [
  String.raw`(?i)\[(?:confirm|cancel|y\/n|n\/y|yes\/no|yes,no|no|yes|y|n)\](?:\([yn]\))?[ ?:]{0,3}$`,
  String.raw`(?i)\((?:y\/n|n\/y|yes\/no|y or n|yes\/no\/cancel)\)(?: ?\[\w{0,10}\])?[ ?:]{0,3}$`,
  String.raw`\]\?\s?$`,
];

/** Pagers that platform files need not repeat. */
export const generalPagers: readonly string[] = [
  String.raw`(?i)^\s{0,4}(?:<?-{1,4} ?\(?more(?: \d{1,3}%)?\)? ?-{0,4}>?)\s?$`,
];
