import { wallMs } from "../base/index.ts";

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

/** How long ago something was, in words for people. */
export function age(sinceMs: number): string {
  const minutes = Math.floor((wallMs() - sinceMs) / 60_000);
  if (minutes < 1) return "just now";
  if (minutes < 120) return `${minutes} min`;
  return minutes < 2_880 ? `${Math.floor(minutes / 60)} h` : `${Math.floor(minutes / 1_440)} days`;
}
