/** What ssh wants of whoever stands in for a terminal. */
export type AskpassPrompt =
  /** Nothing: it tells that a security key waits to be touched. */
  | { readonly kind: "notice" }
  /** A yes, to something that nobody was told about. */
  | { readonly kind: "confirm" }
  /** The password of the account. */
  | { readonly kind: "password" }
  /** The passphrase of a key file that ssh reads itself. */
  | { readonly kind: "passphrase"; readonly path: string }
  /** Something for the server, or the PIN of a token. */
  | { readonly kind: "question"; readonly text: string };

/** ssh puts this before what a server asks, so that it cannot ask in ssh's own words. */
const serverPrefix = /^\([^()\n]*@[^()\n]*\) /;

/** Reads one prompt; `hint` is what ssh says in SSH_ASKPASS_PROMPT. */
export function readPrompt(prompt: string, hint: string): AskpassPrompt {
  if (hint === "none") return { kind: "notice" };
  if (hint === "confirm") return { kind: "confirm" };
  if (/^[^(\n][^\n]*'s password: ?$/.test(prompt)) return { kind: "password" };
  const path = /^Enter passphrase for key '([^'\n]+)': ?$/.exec(prompt)?.[1];
  if (path !== undefined) return { kind: "passphrase", path };
  return { kind: "question", text: prompt.replace(serverPrefix, "") };
}
