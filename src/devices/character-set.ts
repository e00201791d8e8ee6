/** A set of characters: one bit for each of ASCII, and one for all others together. */
export type CharacterSet = bigint;

const othersBit = 128;

export const nothing: CharacterSet = 0n;
export const anyCharacter: CharacterSet = (1n << 129n) - 1n;

/** The set of one character, in both cases: expressions may ignore case. */
export function characterSet(character: string): CharacterSet {
  return bit(character.toLowerCase()) | bit(character.toUpperCase());
}

function bit(character: string): CharacterSet {
  return 1n << BigInt(Math.min(character.charCodeAt(0), othersBit));
}

/** The union of sets. */
export function unionOf(...sets: readonly CharacterSet[]): CharacterSet {
  return sets.reduce((all, set) => all | set, nothing);
}

/** What is in the one and not in the other; characters beyond ASCII stay, for not all of them may be in the other. */
export function withoutSet(all: CharacterSet, without: CharacterSet): CharacterSet {
  return (all & ~without) | (all & (1n << BigInt(othersBit)));
}

/** Whether the sets have a character in common. */
export function meet(one: CharacterSet, other: CharacterSet): boolean {
  return (one & other) !== nothing;
}

/** The set that `\d`, `\w`, `\s` and their opposites stand for; nothing for another letter. */
export function classSet(letter: string): CharacterSet | undefined {
  const positive = classes.get(letter.toLowerCase());
  if (positive === undefined || letter === letter.toLowerCase()) return positive;
  return withoutSet(anyCharacter, positive);
}

function those(test: RegExp): CharacterSet {
  const all = Array.from({ length: othersBit }, (_, code) => String.fromCharCode(code));
  return unionOf(...all.filter((character) => test.test(character)).map(bit));
}

const classes: ReadonlyMap<string, CharacterSet> = new Map([
  ["d", those(/\d/)],
  ["w", those(/\w/)],
  // There are blanks beyond ASCII.
  ["s", those(/\s/) | (1n << BigInt(othersBit))],
]);
