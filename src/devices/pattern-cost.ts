import { anyCharacter, meet, nothing, type CharacterSet } from "./character-set.ts";
import type { PatternNode } from "./pattern-syntax.ts";

/** What the backtracking of an expression can cost. */
interface Cost {
  /** In how many ways it can match from one place, so that what follows it must be tried for each. */
  readonly ways: number;
  /** Characters that are taken on all these ways together. */
  readonly steps: number;
}

/**
 * How many characters a backtracking matcher can take at most, with all its going back, to try the expression on a line of `length` characters: an
 * upper bound, from its form alone. A repetition has one end where what it repeats and what follows have no character in common; else it may
 * end anywhere, and what follows is tried from each of these places.
 */
export function mostSteps(pattern: PatternNode, length: number): number {
  const { steps } = costOf(pattern, nothing, length);
  if (startsAtStart(pattern)) return steps;
  // Tried from everywhere; but what begins with a word gets beyond it only where that word stands, and it stands in one place once.
  const word = wordLength(pattern);
  return (length + 1) * word + (Math.floor(length / word) + 1) * steps;
}

/** How many characters it begins with that are fixed and of which only the first can be taken for the first; at least one. */
function wordLength(pattern: PatternNode): number {
  const parts = pattern.kind === "sequence" ? pattern.parts.filter(({ kind }) => kind !== "boundary") : [];
  const [first] = parts;
  if (first?.kind !== "set") return 1;
  const end = parts.findIndex((part, index) => index > 0 && (part.kind !== "set" || meet(part.set, first.set)));
  return end === -1 ? parts.length : end;
}

/** `follow`: with which characters that can go on which comes after. */
function costOf(node: PatternNode, follow: CharacterSet, length: number): Cost {
  if (node.kind === "sequence") return costOfSequence(node.parts, follow, length);
  if (node.kind === "choice") return costOfChoice(node.options, follow, length);
  if (node.kind === "repeat") return costOfRepeat(node, follow, length);
  if (node.kind === "look") return { ways: 1, steps: 1 + costOf(node.part, nothing, length).steps };
  return { ways: 1, steps: 1 };
}

function costOfSequence(parts: readonly PatternNode[], follow: CharacterSet, length: number): Cost {
  let cost: Cost = { ways: 1, steps: 1 };
  for (const [index, part] of parts.entries()) {
    const next = costOf(part, firstOf(parts.slice(index + 1), follow), length);
    cost = { ways: cost.ways * next.ways, steps: cost.steps + cost.ways * next.steps };
  }
  return cost;
}

function costOfChoice(options: readonly PatternNode[], follow: CharacterSet, length: number): Cost {
  const costs = options.map((option) => costOf(option, follow, length));
  const firsts = options.map((option) => firstOf([option], follow));
  const apart = firsts.every((first, index) => firsts.slice(index + 1).every((other) => !meet(first, other)));
  const ways = costs.map((cost) => cost.ways);
  return {
    ways: apart ? Math.max(...ways) : ways.reduce((sum, count) => sum + count, 0),
    steps: costs.reduce((sum, cost) => sum + cost.steps, options.length),
  };
}

function costOfRepeat(node: PatternNode & { kind: "repeat" }, follow: CharacterSet, length: number): Cost {
  const { part, least } = node;
  const most = Math.min(node.most, length);
  const first = firstOf([part], nothing);
  const inner = costOf(part, most > 1 ? first | follow : follow, length);
  const apart = !meet(first, follow) && !isNullable(part);
  if (isNullable(part) && most > 1) return { ways: Number.POSITIVE_INFINITY, steps: Number.POSITIVE_INFINITY };
  if (inner.ways === 1) {
    return { ways: apart ? 1 : Math.max(1, most - least + 1), steps: (most + 1) * (inner.steps + 1) };
  }
  // Each round multiplies.
  const ways = inner.ways ** most * (most + 1);
  return { ways, steps: ways * (inner.steps + 1) };
}

/** With which characters the parts can go on, one after the other, and then `follow`. */
function firstOf(parts: readonly PatternNode[], follow: CharacterSet): CharacterSet {
  let first = nothing;
  for (const part of parts) {
    first |= ownFirst(part);
    if (!isNullable(part)) return first;
  }
  return first | follow;
}

function ownFirst(node: PatternNode): CharacterSet {
  // Looking ahead takes characters before anything else can fail.
  if (node.kind === "look") return anyCharacter;
  if (node.kind === "set") return node.set;
  if (node.kind === "sequence") return firstOf(node.parts, nothing);
  if (node.kind === "choice") return node.options.reduce((all, option) => all | ownFirst(option), nothing);
  return node.kind === "repeat" ? ownFirst(node.part) : nothing;
}

/** Whether it can match without a character. The end of the line cannot: nothing comes behind it. */
function isNullable(node: PatternNode): boolean {
  if (node.kind === "sequence") return node.parts.every(isNullable);
  if (node.kind === "choice") return node.options.some(isNullable);
  if (node.kind === "repeat") return node.least === 0 || isNullable(node.part);
  return node.kind !== "set" && node.kind !== "end";
}

function startsAtStart(node: PatternNode): boolean {
  if (node.kind === "start") return true;
  if (node.kind === "choice") return node.options.every(startsAtStart);
  if (node.kind !== "sequence") return false;
  const [first] = node.parts;
  return first !== undefined && startsAtStart(first);
}
