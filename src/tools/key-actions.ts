import { HoldfastError } from "../base/index.ts";

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

/** Names of keys that only a program on a terminal can read. */
const terminalKey =
  /^(?:Escape|Up|Down|Left|Right|Home|End|PageUp|PageDown|Insert|Delete|Backspace|Space|F\d{1,2}|(?:[CMS]-)+\S{1,9})$/;

/** What `key` does to a command without a terminal. Throws `bad_input` for every other key; nothing has been typed then. */
export function keyAction(key: string): TypeAction {
  const action = Object.hasOwn(withoutTerminal, key) ? withoutTerminal[key] : undefined;
  if (action !== undefined) return action;
  const known = Object.keys(withoutTerminal).join(", ");
  const shown = JSON.stringify(key.slice(0, 40));
  if (terminalKey.test(key)) {
    throw new HoldfastError("bad_input", `${shown} needs a terminal, and the command has none; nothing was typed`, {
      hint: `Without a terminal there are ${known}, and text`,
    });
  }
  throw new HoldfastError("bad_input", `there is no key ${shown}; nothing was typed`, {
    hint: `Known: ${known}. Characters go into text`,
  });
}
