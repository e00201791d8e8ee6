export { ApprovalDesk } from "./approval-desk.ts";
export type { Attendant } from "./attendant.ts";
export type { Answer, OpenQuestion } from "./open-question.ts";
export type { ConfirmQuestion, FieldsQuestion, Question, QuestionFact, QuestionField } from "./question.ts";
