import { HoldfastError } from "../base/index.ts";
import { lineStart } from "./checked-pattern.ts";
import type { Platform, PlatformBlock } from "./platform.ts";

/** One line to type, or a block: more that the device takes as it is once it has asked for it. */
export interface TypedLine {
  /** Of its first line, from 1. */
  readonly number: number;
  readonly text: string;
  /** The other lines of a block; empty for a line alone. */
  readonly rest: readonly string[];
  /** Keys in the place of the last of them, without Enter. */
  readonly keys: string | undefined;
}

/** How whoever writes a command marks a block, as in a shell: what follows is one up to a line that is this word alone. */
const marker = /^(.*\S)\s*<<([A-Z][A-Z0-9_]{1,31})$/;

/** The lines of a command, with blocks that the platform knows or the caller has marked as one. Throws `bad_input` for a block without end. */
export function typedLines(platform: Platform, lines: readonly string[]): readonly TypedLine[] {
  const typed: TypedLine[] = [];
  for (let at = 0; at < lines.length;) {
    const [line, next] = markedAt(lines, at) ?? knownAt(platform, lines, at) ?? [alone(lines, at), at + 1];
    typed.push(line);
    at = next;
  }
  return typed;
}

type Taken = readonly [line: TypedLine, next: number];

function alone(lines: readonly string[], at: number): TypedLine {
  return { number: at + 1, text: (lines[at] ?? "").trimEnd(), rest: [], keys: undefined };
}

function markedAt(lines: readonly string[], at: number): Taken | undefined {
  const [, text = "", word = ""] = marker.exec((lines[at] ?? "").trimEnd()) ?? [];
  const end = word === "" ? -1 : lines.findIndex((line, other) => other > at && line.trim() === word);
  if (end === -1) return undefined;
  return [{ number: at + 1, text, rest: lines.slice(at + 1, end), keys: undefined }, end + 1];
}

function knownAt(platform: Platform, lines: readonly string[], at: number): Taken | undefined {
  const text = (lines[at] ?? "").trimEnd();
  for (const block of platform.blocks) {
    const found = block.begin.exec(lineStart(text));
    if (found === null) continue;
    const delimiter = found.groups?.["end"] ?? "";
    // One that ends on the line on which it begins is none.
    if (delimiter !== "" && text.slice(found[0].length).includes(delimiter)) continue;
    const end = lines.findIndex((line, other) => other > at && ends(block, delimiter, line));
    if (end === -1) throw endless(at + 1, text);
    return [{ number: at + 1, text, rest: lines.slice(at + 1, end + 1), keys: block.keys }, end + 1];
  }
  return undefined;
}

function ends({ end }: PlatformBlock, delimiter: string, line: string): boolean {
  return end?.test(lineStart(line)) ?? line.includes(delimiter);
}

function endless(number: number, text: string): HoldfastError {
  return new HoldfastError(
    "bad_input",
    `line ${number} begins a block that has no end: ${text.slice(0, 80)}; nothing was sent`,
    {
      hint: "Send the block whole, with the line that ends it",
    },
  );
}
