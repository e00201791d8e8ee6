import type { OpenQuestion } from "./open-question.ts";
import type { Question } from "./question.ts";

/** One call that runs: what questions may hold it up, and how the person behind it can be asked. */
export interface Attendant {
  /** Names of the targets and sessions that the call is about. */
  readonly topics: ReadonlySet<string>;
  /** Whether its client can show such a question. */
  canShow(question: Question): boolean;
  /** Shows it to the person, whose word goes to `open`; `open.over` says when there is nothing to show any more. `pass`: it cannot be shown after all. */
  show(open: OpenQuestion, pass: () => void): void;
  /** Says why the call waits. */
  tell(message: string): void;
  /** A question that held the call up has found nobody to answer it, though people could have come to the desk. */
  missed(question: Question): void;
}
