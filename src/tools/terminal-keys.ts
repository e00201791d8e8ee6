/** How a terminal sends its cursor keys: programs switch between the two forms. */
export interface KeyModes {
  readonly applicationCursor: boolean;
}

/** Keys that are the same whatever the program has asked for. */
const plain: Readonly<Record<string, string>> = {
  Enter: "\r",
  Tab: "\t",
  Escape: "\u001B",
  Backspace: "\u007F",
  Space: " ",
  "S-Tab": "\u001B[Z",
  "C-Space": "\0",
  "C-Enter": "\n",
};

/** Final letters of keys that a mode changes: `ESC [ A`, or `ESC O A` for programs that asked for it. */
const cursor: Readonly<Record<string, string>> = {
  Up: "A",
  Down: "B",
  Right: "C",
  Left: "D",
  Home: "H",
  End: "F",
};

/** F1 to F4 are `ESC O P` and so on. */
const letters: Readonly<Record<string, string>> = { F1: "P", F2: "Q", F3: "R", F4: "S" };

/** Numbers of keys that are `ESC [ n ~`. */
const numbers: Readonly<Record<string, number>> = {
  Insert: 2,
  Delete: 3,
  PageUp: 5,
  PageDown: 6,
  F5: 15,
  F6: 17,
  F7: 18,
  F8: 19,
  F9: 20,
  F10: 21,
  F11: 23,
  F12: 24,
};

/** The number of each modifier in the parameter of a key's sequence, which counts from 1. */
const modifiers: Readonly<Record<string, number>> = { S: 1, M: 2, C: 4 };

/** Names for the refusal of others. */
export const terminalKeyNames = "Enter, Tab, Escape, Backspace, Space, Up, Home, PageUp, Delete, F1, C-c, M-x, S-Tab";

/** What a terminal sends for a key: a name or a character, with `C-`, `M-` and `S-` before it, each once, where they are held; undefined for what is no key. */
export function terminalKey(key: string, modes: KeyModes): string | undefined {
  const parts = /^((?:[CMS]-)*)([^]+)$/.exec(key);
  if (parts === null) return undefined;
  const [, held = "", name = ""] = parts;
  if (Object.hasOwn(plain, key)) return plain[key];
  const modified = held.split("-").slice(0, -1);
  if (new Set(modified).size < modified.length) return undefined;
  const number = modified.reduce((sum, letter) => sum + (modifiers[letter] ?? 0), 1);
  return functionKey(name, number, modes) ?? characterKey(held, name);
}

function functionKey(name: string, modifier: number, modes: KeyModes): string | undefined {
  const parameter = modifier === 1 ? "" : `;${modifier}`;
  if (Object.hasOwn(numbers, name)) return `\u001B[${numbers[name] ?? ""}${parameter}~`;
  const letter = Object.hasOwn(cursor, name) ? cursor[name] : Object.hasOwn(letters, name) ? letters[name] : undefined;
  if (letter === undefined) return undefined;
  if (modifier !== 1) return `\u001B[1${parameter}${letter}`;
  return `\u001B${modes.applicationCursor || Object.hasOwn(letters, name) ? "O" : "["}${letter}`;
}

/** A character that can be seen, or a key that sends one, alone or with Control (as a control character) and Meta (as ESC before it). */
function characterKey(held: string, name: string): string | undefined {
  const base = Object.hasOwn(plain, name) ? plain[name] : /^\P{C}$/u.test(name) ? name : undefined;
  if (base === undefined) return undefined;
  if (held.includes("S-") && !/^[a-z]$/i.test(base)) return undefined;
  const typed = held.includes("S-") ? base.toUpperCase() : base;
  const sent = held.includes("C-") ? controlCharacter(typed) : typed;
  return sent === undefined ? undefined : `${held.includes("M-") ? "\u001B" : ""}${sent}`;
}

function controlCharacter(base: string): string | undefined {
  if (base === "?") return "\u007F";
  const code = base.toUpperCase().codePointAt(0) ?? 0;
  return code >= 0x40 && code <= 0x5f ? String.fromCodePoint(code - 0x40) : undefined;
}
