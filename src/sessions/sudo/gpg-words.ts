import { oneLine } from "../../base/index.ts";
import type { Facts } from "./asker-facts.ts";
import { argumentEnd, lineEnd } from "./asker-facts.ts";

/** What gpg-agent asks is text of this length at most: a line of its protocol. */
const longestText = 1_000;

/** gpg-agent takes no longer passphrase (MAX_PASSPHRASE_LEN), whatever is typed. */
export const longestPassphraseBytes = 255;

/** What gpg-agent wants to know, for people: `said` is what `host/pinentry.sh` passes on. */
export function gpgPrompt(said: string): string {
  const escaped = said.replace(/^(GETPIN|CONFIRM) +/, "");
  const text = escaped.replaceAll(/(?:%[\dA-Fa-f]{2})+/g, (bytes) =>
    Buffer.from(bytes.replaceAll("%", ""), "hex").toString(),
  );
  return oneLine(text, longestText);
}

/** An answer as a line of gpg-agent's protocol. */
export function gpgAnswer(secret: string): string {
  return secret.replaceAll("%", "%25");
}

/** Whether gpg-agent has started our own unchanged pinentry, which asks: `after` are the arguments behind what is asked. */
export function isGpgEntry(
  facts: Facts,
  pinentry: { readonly path: string; readonly text: string },
  after: readonly string[],
): boolean {
  const [, script] = facts.get("entry").split(argumentEnd);
  const [owner = "", end, ...more] = after;
  if (!/^\d{1,10}$/.test(owner) || end !== "" || more.length > 0) return false;
  return script === pinentry.path && facts.get("entrytext") === pinentry.text.replaceAll("\n", lineEnd);
}
