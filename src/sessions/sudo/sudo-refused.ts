import { HoldfastError, oneLine } from "../../base/index.ts";
import type { ElevatedRun } from "./elevated-run.ts";

/** Room for a path, and for sudo's words, in a message. */
const longestText = 300;

interface Reading {
  readonly pattern: RegExp;
  readonly hint: string;
}

/** What to do about what sudo says, or about why it got no password. */
const readings: readonly Reading[] = [
  {
    pattern: /not in the sudoers|not allowed|may not run/i,
    hint: "The rules of sudo on the host do not let this user do it: ask the person you work for",
  },
  {
    pattern: /unknown user|invalid user/i,
    hint: "Name a user of the host in sudo, or true for root",
  },
  {
    pattern: /got no|no password was provided|incorrect password/i,
    hint: "Ask the person you work for to be ready to type the password for sudo, then call again",
  },
  {
    pattern: /password is required|terminal is required/i,
    hint: "In this session sudo can ask nobody: it works without a password only (NOPASSWD)",
  },
];

/** sudo did not start the program for `path`: in its own words, and why it got no password, where that is the reason. */
export function sudoRefused(
  path: string,
  { complaint, notes }: Pick<ElevatedRun, "complaint" | "notes">,
): HoldfastError {
  // A lecture comes before what matters.
  const lines = complaint.split("\n").filter((line) => /^sudo: |sudoers|not allowed|may not run/i.test(line));
  const own = lines.map((line) => line.replace(/^sudo: /, "").trim());
  const said = [...new Set([...notes, ...own])].join("; ") || complaint;
  const hint = readings.find(({ pattern }) => pattern.test(said))?.hint ?? "Try sudo with ssh_run";
  const text = oneLine(said, longestText);
  return new HoldfastError(
    "file_denied",
    `${oneLine(path, longestText)}: sudo did not let it through (${text}); nothing was done`,
    {
      hint,
    },
  );
}
