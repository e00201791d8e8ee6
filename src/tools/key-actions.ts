import { HoldfastError } from "../base/index.ts";
import { terminalKey, terminalKeyNames, type KeyModes } from "./terminal-keys.ts";

/** What is done to a command to type something into it. */
export type TypeAction =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "eof" }
  | { readonly kind: "interrupt" };

/** What keys mean to a command without a terminal: what the terminal's driver would have made of them. */
const withoutTerminal: Readonly<Record<string, TypeAction>> = {
  Enter: { kind: "text", text: "\n" },
  Tab: { kind: "text", text: "\t" },
  "C-c": { kind: "interrupt" },
  "C-d": { kind: "eof" },
};

/** What `key` does to a command, on a terminal (`modes`: in its modes) or without one. Throws `bad_input` for every other key; nothing has been typed then. */
export function keyAction(key: string, modes: KeyModes | undefined): TypeAction {
  const sent = terminalKey(key, modes ?? { applicationCursor: false });
  // A character is the same with and without a terminal.
  if (sent !== undefined && (modes !== undefined || sent === key)) return { kind: "text", text: sent };
  const action = modes === undefined && Object.hasOwn(withoutTerminal, key) ? withoutTerminal[key] : undefined;
  if (action !== undefined) return action;
  const known = modes === undefined ? Object.keys(withoutTerminal).join(", ") : terminalKeyNames;
  const shown = JSON.stringify(key.slice(0, 40));
  if (modes === undefined && sent !== undefined) {
    throw new HoldfastError("bad_input", `${shown} needs a terminal, and the command has none; nothing was typed`, {
      hint: `Without a terminal there are ${known}, and text; ssh_run {"pty":true} gives one`,
    });
  }
  throw new HoldfastError("bad_input", `there is no key ${shown}; nothing was typed`, {
    hint: `Known: ${known}, a, :. More than one character goes into text`,
  });
}
