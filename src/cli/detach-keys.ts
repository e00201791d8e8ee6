import { UsageError } from "./cli-command.ts";

/** A key of a person's that is not for the program: what it asks for. */
export type WatcherKey = "leave" | "give" | "take" | "help";

/** What was typed, taken apart. */
export type TypedPart =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "key"; readonly key: WatcherKey };

/** What follows the first key. */
const second: Readonly<Record<string, WatcherKey>> = { d: "leave", ".": "leave", q: "leave", g: "give", t: "take" };

/** The key that begins what is not for the program: a control character, like `^]`, `C-a` or `ctrl-a`. Throws `UsageError` for any other. */
export function parseDetachKey(text: string): { readonly character: string; readonly name: string } {
  const [, letter = ""] = /^(?:\^|[Cc]-|ctrl[-+])([A-Za-z\\\]^_])$/i.exec(text) ?? [];
  const code = letter.toUpperCase().charCodeAt(0) & 0x1f;
  // Enter, Tab and Escape have keys of their own: whoever gives one of them away types nothing any more.
  if (letter === "" || [9, 10, 13].includes(code)) {
    throw new UsageError(`"${text}" cannot be the key to leave; it is a control character like ctrl-] or ctrl-a`);
  }
  return { character: String.fromCharCode(code), name: `Ctrl-${letter.toUpperCase()}` };
}

/** Takes what a person types apart: the first key and the one behind it are for us, everything else is for the program; the first key twice is the key itself. */
export class DetachKeys {
  readonly #first: string;
  #begun = false;

  constructor(first: string) {
    this.#first = first;
  }

  take(typed: string): readonly TypedPart[] {
    const parts: TypedPart[] = [];
    let text = "";
    const flush = (): void => {
      if (text !== "") parts.push({ kind: "text", text });
      text = "";
    };
    for (const character of typed) {
      if (this.#begun) {
        this.#begun = false;
        if (character === this.#first) text += character;
        else {
          flush();
          parts.push({ kind: "key", key: second[character.toLowerCase()] ?? "help" });
        }
      } else if (character === this.#first) this.#begun = true;
      else text += character;
    }
    flush();
    return parts;
  }
}
