import { plainText } from "../base/index.ts";

/** Something that a person fills in. */
export interface QuestionField {
  readonly label: string;
  /** Not shown while it is typed, and kept out of everything that leaves the server. */
  readonly hidden: boolean;
  /** An empty value is no answer. */
  readonly required?: boolean | undefined;
  /** The label is what a host says, in its words. */
  readonly fromHost?: boolean | undefined;
}

/** Something that a person should know before answering; the value may come from a host. */
export interface QuestionFact {
  readonly label: string;
  readonly value: string;
  /** `warning`: it must not be overlooked; `advice`: words of ours, to be read as such. */
  readonly tone?: "warning" | "advice" | undefined;
}

interface QuestionText {
  /** Equal keys are the same question: it is asked once, and the answer is for all who wait. */
  readonly key: string;
  /** After a no, nothing with this key is asked for a minute. */
  readonly refusalKey: string;
  /** What is asked, in our words. */
  readonly title: string;
  readonly facts: readonly QuestionFact[];
  /** Names of the targets that it is about: whoever else waits for one of them may be asked, too. */
  readonly topics: readonly string[];
}

/** A question with a yes or a no. */
export interface ConfirmQuestion extends QuestionText {
  readonly kind: "confirm";
  /** What a yes does, as a button says it. */
  readonly yes: string;
}

/** A question with one or more fields to fill in; one may be asked for no more than that a person presses the button. */
export interface FieldsQuestion extends QuestionText {
  readonly kind: "fields";
  readonly fields: readonly QuestionField[];
}

/** What a person can be asked. */
export type Question = ConfirmQuestion | FieldsQuestion;

/** A page or a terminal shows this much at a glance; hosts that say more are cut. */
const longestTitle = 200;
const longestLabel = 120;
const longestValue = 1_000;
const mostFacts = 12;
const mostFields = 8;
const mostLines = 12;

/** The question as people may see it: what hosts say is stripped of controls, invisible and reordering characters, and bounded. */
export function boundedQuestion(question: Question): Question {
  const common = {
    key: question.key,
    refusalKey: question.refusalKey,
    title: shownLine(question.title, longestTitle),
    facts: question.facts.slice(0, mostFacts).map(({ label, value, tone }) => ({
      label: shownLine(label, longestLabel),
      value: shownText(value),
      tone,
    })),
    topics: question.topics,
  };
  if (question.kind === "confirm") {
    return { kind: "confirm", ...common, yes: shownLine(question.yes, longestLabel) };
  }
  const fields = question.fields.map((field) => ({ ...field, label: shownLine(field.label, longestLabel) }));
  return { kind: "fields", ...common, fields };
}

/** Whether a person can be asked this at all: nobody fills in more fields than fit on a page. */
export function isAskable(question: Question): boolean {
  return question.kind === "confirm" || question.fields.length <= mostFields;
}

/** Characters that show nothing or change how others show (Unicode's format class, lone halves of pairs). */
const invisible = /[\p{Cf}\p{Cs}\u2028\u2029\u115F\u1160\u3164\uFFA0]/gu;

function shownText(text: string): string {
  const lines = plainText(text)
    .split("\n")
    .map((line) => shownLine(line, longestValue))
    .filter((line) => line !== "");
  const shown = lines.slice(0, mostLines).join("\n");
  const cut = lines.length > mostLines || shown.length > longestValue;
  return cut ? `${shown.slice(0, longestValue).replaceAll(invisible, "")}…` : shown;
}

function shownLine(text: string, limit: number): string {
  const flat = plainText(text).replaceAll(invisible, "").replaceAll(/\s+/g, " ").trim();
  // A cut may halve a pair.
  return flat.length > limit ? `${flat.slice(0, limit - 1).replaceAll(invisible, "")}…` : flat;
}
