import type { Played } from "./play-all.ts";

const marks = { right: "✔", wrong: "✘", skipped: "–" } as const;

/** One row per case, one column per place where it was played, and a last row with the sums. */
export function tortureTable(columns: ReadonlyMap<string, readonly Played[]>): string {
  const names = [...new Set([...columns.values()].flat().map((played) => played.name))];
  const width = Math.max(20, ...names.map((name) => name.length));
  const heads = [...columns.keys()];
  const row = (first: string, cells: readonly string[]): string =>
    [first.padEnd(width), ...cells.map((cell, index) => cell.padEnd(heads[index]?.length ?? 0))].join("  ").trimEnd();
  const lines = names.map((name) =>
    row(
      name,
      [...columns.values()].map((list) => {
        const played = list.find((candidate) => candidate.name === name);
        return played === undefined ? "" : marks[played.verdict];
      }),
    ),
  );
  const sums = [...columns.values()].map(
    (list) =>
      `${String(list.filter((played) => played.verdict === "right").length)}/${String(list.filter((played) => played.verdict !== "skipped").length)}`,
  );
  return [row("case", heads), ...lines, row("right", sums)].join("\n");
}

/** The wrong ones, one a line. */
export function complaints(list: readonly Played[]): string {
  return list
    .filter((played) => played.verdict === "wrong")
    .map((played) => `  ✘ ${played.name}: ${played.complaint ?? ""}`)
    .join("\n");
}
