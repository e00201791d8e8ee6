import {
  anyCharacter,
  characterSet,
  classSet,
  nothing,
  unionOf,
  withoutSet,
  type CharacterSet,
} from "./character-set.ts";

/** A regular expression as a tree. Sets are of single characters. */
export type PatternNode =
  | { readonly kind: "set"; readonly set: CharacterSet }
  | { readonly kind: "sequence"; readonly parts: readonly PatternNode[] }
  | { readonly kind: "choice"; readonly options: readonly PatternNode[] }
  | { readonly kind: "repeat"; readonly part: PatternNode; readonly least: number; readonly most: number }
  | { readonly kind: "look"; readonly part: PatternNode }
  | { readonly kind: "start" }
  | { readonly kind: "end" }
  | { readonly kind: "boundary" };

/** The expression uses something that platform files may not. */
class PatternFault extends Error {
  override readonly name = "PatternFault";
}

const groupStart = /^\((?:\?(?:(:)|(=|!)|<([A-Za-z]\w*)>|(.{0,2})))?/;
const quantifier = /^(?:\*|\+|\?|\{(\d{1,5})(,(\d{0,5}))?\})/;
const escapedCodes: ReadonlyMap<string, string> = new Map([
  ["t", "\t"],
  ["n", "\n"],
  ["r", "\r"],
  ["f", "\f"],
  ["v", "\v"],
  ["0", "\0"],
]);

/** Reads a valid JavaScript expression into a tree. Throws `PatternFault` for what is not allowed in it. */
export function parsePattern(source: string): PatternNode {
  const reader = new PatternReader(source);
  return reader.choice();
}

class PatternReader {
  #rest: string;

  constructor(source: string) {
    this.#rest = source;
  }

  choice(): PatternNode {
    const options = [this.#sequence()];
    while (this.#rest.startsWith("|")) {
      this.#take(1);
      options.push(this.#sequence());
    }
    const [only] = options;
    return options.length === 1 && only !== undefined ? only : { kind: "choice", options };
  }

  #take(count: number): string {
    const taken = this.#rest.slice(0, count);
    this.#rest = this.#rest.slice(count);
    return taken;
  }

  #sequence(): PatternNode {
    const parts: PatternNode[] = [];
    while (this.#rest !== "" && !/^[|)]/.test(this.#rest)) parts.push(this.#repeated(this.#atom()));
    return { kind: "sequence", parts };
  }

  #repeated(part: PatternNode): PatternNode {
    const found = quantifier.exec(this.#rest);
    if (found === null) return part;
    this.#take(found[0].length);
    if (this.#rest.startsWith("?")) this.#take(1);
    const [sign = "", low, range, high] = found;
    if (sign === "*") return { kind: "repeat", part, least: 0, most: Number.POSITIVE_INFINITY };
    if (sign === "+") return { kind: "repeat", part, least: 1, most: Number.POSITIVE_INFINITY };
    if (sign === "?") return { kind: "repeat", part, least: 0, most: 1 };
    const least = Number(low);
    const open = high === undefined || high === "" ? Number.POSITIVE_INFINITY : Number(high);
    return { kind: "repeat", part, least, most: range === undefined ? least : open };
  }

  #atom(): PatternNode {
    if (this.#rest.startsWith("(")) return this.#group();
    if (this.#rest.startsWith("[")) return { kind: "set", set: this.#class() };
    const character = this.#take(1);
    if (character === "^") return { kind: "start" };
    if (character === "$") return { kind: "end" };
    if (character === ".") return { kind: "set", set: withoutSet(anyCharacter, characterSet("\n")) };
    return character === "\\" ? this.#escape() : { kind: "set", set: characterSet(character) };
  }

  #group(): PatternNode {
    const [all = "", , look, , other] = groupStart.exec(this.#rest) ?? [];
    if (other !== undefined) {
      throw new PatternFault(`it has (?${other}, and platform files may not look back or set flags inside`);
    }
    this.#take(all.length);
    const part = this.choice();
    this.#take(1);
    return look === undefined ? part : { kind: "look", part };
  }

  #escape(): PatternNode {
    if (/^[bB]/.test(this.#rest)) {
      this.#take(1);
      return { kind: "boundary" };
    }
    if (/^[1-9k]/.test(this.#rest)) throw new PatternFault("it refers back to a group, which may take for ever");
    return { kind: "set", set: this.#escapedSet() };
  }

  /** What follows a backslash, in a class or outside. */
  #escapedSet(): CharacterSet {
    const code = /^(?:x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4}))/.exec(this.#rest);
    if (code !== null) {
      this.#take(code[0].length);
      return characterSet(String.fromCharCode(Number.parseInt(code[1] ?? code[2] ?? "0", 16)));
    }
    const letter = this.#take(1);
    if (/^[pPc]/.test(letter)) throw new PatternFault(`it has \\${letter}, which platform files may not use`);
    return classSet(letter) ?? characterSet(escapedCodes.get(letter) ?? letter);
  }

  #class(): CharacterSet {
    this.#take(1);
    const negated = this.#rest.startsWith("^");
    if (negated) this.#take(1);
    let set = nothing;
    while (this.#rest !== "" && !this.#rest.startsWith("]")) set = unionOf(set, this.#classPart());
    this.#take(1);
    return negated ? withoutSet(anyCharacter, set) : set;
  }

  #classPart(): CharacterSet {
    const from = this.#rest;
    const first = this.#classCharacter();
    if (!/^-[^\]]/.test(this.#rest)) return first;
    const low = from.charAt(0);
    const high = this.#rest.charAt(1);
    // Ranges are of plain characters; with anything escaped a dash stands for itself or the range is too clever.
    if (low === "\\" || high === "\\") {
      if (classSet(from.charAt(1)) !== undefined || classSet(this.#rest.charAt(2)) !== undefined) return first;
      throw new PatternFault("it has a range with an escaped end; write the characters out");
    }
    this.#take(2);
    return unionOf(...rangeOf(low, high).map(characterSet));
  }

  #classCharacter(): CharacterSet {
    const character = this.#take(1);
    return character === "\\" ? this.#escapedSet() : characterSet(character);
  }
}

function rangeOf(low: string, high: string): readonly string[] {
  const from = low.charCodeAt(0);
  // Beyond ASCII all characters are one to a set.
  const to = Math.min(high.charCodeAt(0), 128);
  return Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => String.fromCharCode(from + index));
}
