import process from "node:process";

/** What was promised of a row, and whether it is so. */
export interface Goal {
  readonly text: string;
  readonly holds: boolean;
}

export interface Row {
  readonly name: string;
  /** One for each heading. */
  readonly figures: readonly string[];
  readonly goal?: Goal;
}

/** Room for the longest name of a row, and for a figure. */
const nameWidth = 44;
const figureWidth = 11;

/** Prints the rows, each with its goal; tells whether all goals were reached. */
export function printTable(title: string, headings: readonly string[], rows: readonly Row[]): boolean {
  const line = (name: string, figures: readonly string[], goal: string): string =>
    `${name.padEnd(nameWidth)}${figures.map((figure) => figure.padStart(figureWidth)).join("")}${goal}`.trimEnd();
  const lines = rows.map(({ name, figures, goal }) =>
    line(name, figures, goal === undefined ? "" : `  ${goal.holds ? "✔" : "✘"} ${goal.text}`),
  );
  process.stdout.write(`\n${[title, line("", headings, "  goal"), ...lines].join("\n")}\n`);
  return rows.every(({ goal }) => goal === undefined || goal.holds);
}
