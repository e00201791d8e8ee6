import type { AnswerForm, AskerKind } from "./secret-question.ts";

/** How ssh itself begins what it wants a yes to; what servers ask is shown with `(user@host)` before it. */
const confirms = /^(The authenticity of host |Allow shared connection to |Accept updated hostkeys\?)/;

/** What a program wants to hear, by its own words. What is not known is a secret: nobody looks over the shoulder of who types it. */
export function formOf(kind: AskerKind, prompt: string): AnswerForm {
  if (kind === "gpg" && prompt.startsWith("CONFIRM ")) return "yes";
  if (kind === "ssh" && confirms.test(prompt)) return "yes";
  return kind === "git" && prompt.startsWith("Username for ") ? "word" : "secret";
}
