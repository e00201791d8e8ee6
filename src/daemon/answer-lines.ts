import { z } from "zod";
import type { OpenQuestion } from "../approvals/index.ts";

/** A question as it is shown to a person at a terminal. */
const shown = z.object({
  id: z.string(),
  code: z.string(),
  leftMs: z.number(),
  question: z.discriminatedUnion("kind", [
    z.object({ kind: z.literal("confirm"), yes: z.string() }),
    z.object({ kind: z.literal("fields"), fields: z.array(z.object({ label: z.string(), hidden: z.boolean() })) }),
  ]),
  title: z.string(),
  facts: z.array(z.object({ label: z.string(), value: z.string() })),
});

const fromDaemon = z.union([z.object({ questions: z.array(shown) }), z.object({ id: z.string(), taken: z.boolean() })]);

const fromPerson = z.union([
  z.strictObject({ id: z.string(), values: z.array(z.string()).max(64) }),
  z.strictObject({ id: z.string(), refused: z.literal(true) }),
]);

/** A question as it is shown to a person at a terminal. */
export type ShownQuestion = z.output<typeof shown>;

/** What a daemon says to whoever answers: all open questions, at first and whenever they change; and what became of an answer. */
export type DaemonWord = z.output<typeof fromDaemon>;

/** What a person says. */
export type PersonWord = z.output<typeof fromPerson>;

export function writeWord(word: DaemonWord | PersonWord): string {
  return `${JSON.stringify(word)}\n`;
}

/** The word in a line; undefined when it is none. */
export function readDaemonWord(line: string): DaemonWord | undefined {
  return fromDaemon.safeParse(parsed(line)).data;
}

/** The word in a line; undefined when it is none. */
export function readPersonWord(line: string): PersonWord | undefined {
  return fromPerson.safeParse(parsed(line)).data;
}

/** What is shown of a question. */
export function shownQuestion({ id, code, leftMs, question }: OpenQuestion): ShownQuestion {
  const { title, facts } = question;
  const about =
    question.kind === "confirm"
      ? { kind: question.kind, yes: question.yes }
      : { kind: question.kind, fields: [...question.fields] };
  return { id, code, leftMs, question: about, title, facts: [...facts] };
}

function parsed(line: string): unknown {
  try {
    const value: unknown = JSON.parse(line);
    return value;
  } catch {
    return undefined;
  }
}
