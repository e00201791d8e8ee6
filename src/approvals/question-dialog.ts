import type { OpenQuestion } from "./open-question.ts";

/** What became of a dialog: typed text, a no, or nothing that a person said. */
export type DialogAnswer = { readonly typed: string } | "refused" | "failed";

/** Shows a text and one hidden field to the person until `signal` aborts. Never rejects. */
export type QuestionDialog = (text: string, signal: AbortSignal) => Promise<DialogAnswer>;

/** Shows the question in a dialog, and answers it with what was typed there. Only for questions with one hidden field. */
export async function showIn(dialog: QuestionDialog, open: OpenQuestion): Promise<void> {
  const { question } = open;
  const [field, more] = question.kind === "fields" ? question.fields : [];
  if (field?.hidden !== true || more !== undefined) return;
  const answer = await dialog(dialogText(open), open.over);
  if (answer === "failed") return;
  if (answer === "refused") open.refuse();
  else open.answer([answer.typed]);
}

/** Dialogs are as wide as their longest line; some break no lines themselves. */
const widest = 76;

function dialogText({ question, code }: OpenQuestion): string {
  const fields = question.kind === "fields" ? question.fields : [];
  const lines = [
    question.title,
    ...question.facts.flatMap(({ label, value }) => `${label}: ${value}`.split("\n")),
    `Code: ${code}`,
    ...fields.map(({ label }) => label),
  ];
  return lines.flatMap((line) => broken(line)).join("\n");
}

/** In pieces, between words where that can be. */
function broken(line: string): readonly string[] {
  return line.match(new RegExp(`.{1,${widest}}(?: |$)|.{${widest}}`, "gu")) ?? [line];
}
