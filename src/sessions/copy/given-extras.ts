import type { BytePath, CopySide } from "./copy-side.ts";
import { shownPath } from "./copy-side.ts";
import type { CopyTally } from "./copy-tally.ts";
import type { ExtrasText } from "./extras.ts";

interface Context {
  readonly source: CopySide;
  readonly target: CopySide;
  readonly many?: boolean;
  readonly tally: CopyTally;
}

const notRead = "its access list or extended attributes, if it has any, were not copied: they cannot be read";
const noAttributes = "its extended attributes, if it has any, were not copied: there is no getfattr";
const noPlace = "its access list or extended attributes were not copied: its target has no shell";

/** The access list and extended attributes that go along with a file or directory; undefined where there are none. What cannot be read is noted. */
export async function givenExtras(from: BytePath, context: Context): Promise<ExtrasText | undefined> {
  const { source, target } = context;
  // All are asked together, also a single one: what cannot be read is to be told.
  const there = (await source.extras?.of(from, true)) ?? "unsure";
  if (there === "none") return undefined;
  const text = there === "some" ? await source.extras?.read(from) : "unsure";
  if (text === "unsure") {
    noteOf(from, there === "attributes unsure" ? noAttributes : notRead, context);
    return undefined;
  }
  if (text === undefined || target.extras !== undefined) return text;
  noteOf(from, noPlace, context);
  return undefined;
}

/** Gives them to what is there already. */
export async function giveExtras(to: BytePath, gives: ExtrasText, context: Context): Promise<void> {
  for (const note of (await context.target.extras?.give(to, gives)) ?? []) noteOf(to, note, context);
}

/** Notes what is to be told of one file, with its path where it is one of many. */
export function noteOf(path: BytePath, text: string, { many = false, tally }: Pick<Context, "many" | "tally">): void {
  tally.note(many ? `${shownPath(path)}: ${text}` : text);
}
