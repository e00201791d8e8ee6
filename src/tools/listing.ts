import { wallMs } from "../base/index.ts";
import { count } from "./reply.ts";

/** What there is of one kind: a line for each. */
export interface Listing {
  /** In the plural. */
  readonly noun: string;
  readonly lines: readonly string[];
  /** Said where there is none. */
  readonly hint: string;
  /** What could not be looked at, and why. */
  readonly notes?: readonly string[];
}

/** The listing as a reply: how many, then at most `limit` lines, then the notes. */
export function renderListing({ lines, noun, hint, notes = [] }: Listing, limit: number): string {
  if (lines.length === 0) return [`0 ${noun} · ${hint}`, ...notes].join("\n");
  const shown = lines.slice(0, limit);
  const more = lines.length - shown.length;
  const head = `${count(lines.length)} ${lines.length === 1 ? noun.replace(/s$/, "") : noun}${more > 0 ? ` · ${count(more)} not shown: raise limit` : ""}`;
  return [head, ...shown, ...notes].join("\n");
}

/** How long ago something was, in words for people. */
export function age(sinceMs: number): string {
  const minutes = Math.floor((wallMs() - sinceMs) / 60_000);
  if (minutes < 1) return "just now";
  if (minutes < 120) return `${minutes} min`;
  return minutes < 2_880 ? `${Math.floor(minutes / 60)} h` : `${Math.floor(minutes / 1_440)} days`;
}
