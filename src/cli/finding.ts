/** One line of `holdfast doctor`. `note` is neither good nor bad. */
export interface Finding {
  readonly verdict: "good" | "bad" | "note";
  readonly about: string;
  readonly text: string;
  /** What to do about a bad one. */
  readonly next?: string;
}

const marks = { good: "✔", bad: "✘", note: "·" } as const;

/** A finding as a person reads it: mark, subject, text, and under it what to do. */
export function findingText(finding: Finding): string {
  const line = `${marks[finding.verdict]} ${finding.about.padEnd(16)} ${finding.text}`;
  return finding.next === undefined ? line : `${line}\n  ${" ".repeat(16)} → ${finding.next}`;
}
