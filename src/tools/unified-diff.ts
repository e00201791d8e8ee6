/** Lines around a change, as diff(1) shows them. */
const contextLines = 3;

/** Longer diffs are cut: whoever edits knows what was meant. */
const longestDiff = 8_000;

interface Hunk {
  /** First changed line in the old text, and how many; the same in the new one. */
  readonly oldAt: number;
  readonly oldLines: number;
  readonly newAt: number;
  readonly newLines: number;
}

/** A unified diff of two texts, at most 8,000 characters. Changes are found by the lines that both have in common at their ends and between. */
export function unifiedDiff(before: string, after: string): string {
  const [old, now] = [before.split("\n"), after.split("\n")];
  const text = hunks(old, now)
    .map((hunk) => hunkText(old, now, hunk))
    .join("\n");
  return text.length <= longestDiff
    ? text
    : `${text.slice(0, longestDiff)}\n... ${text.length - longestDiff} characters left out ...`;
}

/** Lines in common that are looked for after a difference: further apart, two changes count as one. */
const lookAhead = 200;

function hunks(old: readonly string[], now: readonly string[]): readonly Hunk[] {
  const found: Hunk[] = [];
  let [one, other] = [0, 0];
  while (one < old.length || other < now.length) {
    if (one < old.length && other < now.length && old[one] === now[other]) {
      one += 1;
      other += 1;
      continue;
    }
    const [skippedOld, skippedNew] = distanceToCommon(old, now, one, other);
    found.push({ oldAt: one, oldLines: skippedOld, newAt: other, newLines: skippedNew });
    one += skippedOld;
    other += skippedNew;
  }
  return found;
}

/** How many lines of each to pass until both go on with the same line. */
function distanceToCommon(
  old: readonly string[],
  now: readonly string[],
  one: number,
  other: number,
): readonly [number, number] {
  const seen = new Map<string, number>();
  for (let at = 0; at < lookAhead && other + at < now.length; at += 1) {
    const line = now[other + at] ?? "";
    if (!seen.has(line)) seen.set(line, at);
  }
  let best: readonly [number, number] | undefined;
  for (let at = 0; at < lookAhead && one + at < old.length; at += 1) {
    const there = seen.get(old[one + at] ?? "");
    if (there !== undefined && (best === undefined || at + there < best[0] + best[1])) best = [at, there];
  }
  return best ?? [Math.min(lookAhead, old.length - one), Math.min(lookAhead, now.length - other)];
}

function hunkText(old: readonly string[], now: readonly string[], hunk: Hunk): string {
  const from = Math.max(0, hunk.oldAt - contextLines);
  const before = old.slice(from, hunk.oldAt);
  const after = old.slice(hunk.oldAt + hunk.oldLines, hunk.oldAt + hunk.oldLines + contextLines);
  const context = before.length + after.length;
  const newFrom = hunk.newAt - before.length;
  return [
    `@@ -${from + 1},${hunk.oldLines + context} +${newFrom + 1},${hunk.newLines + context} @@`,
    ...before.map((line) => ` ${line}`),
    ...old.slice(hunk.oldAt, hunk.oldAt + hunk.oldLines).map((line) => `-${line}`),
    ...now.slice(hunk.newAt, hunk.newAt + hunk.newLines).map((line) => `+${line}`),
    ...after.map((line) => ` ${line}`),
  ].join("\n");
}
