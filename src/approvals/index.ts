export { ApprovalDesk } from "./approval-desk.ts";
export type { Attendant } from "./attendant.ts";
export { howToBeAsked } from "./how-to-be-asked.ts";
export { showLocally } from "./local-dialog.ts";
export type { QuestionDialog } from "./question-dialog.ts";
export type { Answer, OpenQuestion } from "./open-question.ts";
export { shortSecretNote, shortestSecret } from "./short-secret.ts";
export type { ConfirmQuestion, FieldsQuestion, Question, QuestionFact, QuestionField } from "./question.ts";
