import type { Readable, Writable } from "node:stream";
import type { QuestionDesk, ShownQuestion } from "../daemon/index.ts";
import { readTypedLine, withSilentTerminal, type TypedLine } from "./typed-line.ts";

/** What a person says to a question. */
export type Word = Parameters<QuestionDesk["say"]>[0];

/** A terminal to ask at; `signal` takes the question back. */
interface Terminal {
  readonly input: Readable;
  readonly output: Writable;
  readonly signal: AbortSignal;
}

/** What a person types as the answer. `left`: it is left open; `over`: it was taken back. */
export function typedWord(shown: ShownQuestion, terminal: Terminal): Promise<Word | "left" | "over"> {
  return withSilentTerminal(terminal.input, () =>
    (shown.question.kind === "confirm" ? yesOrNo : filledIn)(shown, terminal),
  );
}

async function yesOrNo({ id }: ShownQuestion, terminal: Terminal): Promise<Word | "left" | "over"> {
  const line = await readTypedLine({ ...terminal, label: "yes or no: ", hidden: false });
  if (line.kind === "left" || line.kind === "over") return line.kind;
  const text = line.kind === "refused" ? "no" : line.text.trim().toLowerCase();
  if (text === "yes") return { id, values: [] };
  return text === "no" ? { id, refused: true } : "left";
}

async function filledIn({ id, question }: ShownQuestion, terminal: Terminal): Promise<Word | "left" | "over"> {
  const values: string[] = [];
  for (const { label, hidden } of question.kind === "fields" ? question.fields : []) {
    const shownLabel = `${label.replace(/:$/, "")}${hidden ? " (not shown)" : ""}: `;
    const line: TypedLine = await readTypedLine({ ...terminal, label: shownLabel, hidden });
    if (line.kind === "refused") return { id, refused: true };
    if (line.kind !== "line") return line.kind;
    values.push(line.text);
  }
  return { id, values };
}

/** The question as a terminal shows it. */
export function questionText(shown: ShownQuestion): string {
  const { code, title, facts, question } = shown;
  const width = Math.max(0, ...facts.map(({ label }) => label.length));
  const lines = facts.flatMap(({ label, value }) =>
    value.split("\n").map((line, at) => `  ${(at === 0 ? label : "").padEnd(width)}  ${line}`),
  );
  const keys = `  code ${code} · ${timeLeft(shown)} · Ctrl+D refuses, Ctrl+C leaves it open`;
  const meaning = question.kind === "confirm" ? [`  yes: ${question.yes}. no: it is not trusted.`] : [];
  return ["", title, ...lines, keys, ...meaning].join("\n");
}

/** How long the question stays open, for people. */
export function timeLeft({ leftMs }: ShownQuestion): string {
  const seconds = Math.ceil(leftMs / 1_000);
  return seconds > 90 ? `${Math.ceil(seconds / 60)} min left` : `${seconds} s left`;
}
