import type { QuestionDialog, QuestionFact } from "../approvals/index.ts";
import type { SecretTarget } from "../config/index.ts";
import type { Secret, SecretBinding } from "./secret.ts";

/** Somebody needs a secret to go on. */
export interface SecretQuestion extends SecretBinding {
  /** What the settings say of it: a resolved target has all of that; the alias alone where they have been looked at before. */
  readonly target: SecretTarget;
  /** The words of whoever asks, which may be a host's. */
  readonly prompt: string;
  /** What else a person should see before answering: the command line, say. Values may come from a host. */
  readonly evidence: readonly QuestionFact[];
  /** One asking process, or one attempt: when the same one asks again, what it was given was wrong. */
  readonly askerKey: string;
  /** Default: yes. Otherwise who asks is not known for certain: only a person gives an answer, for this once. */
  readonly verified?: boolean;
  /** What a person types is for this once: it is asked for each time, and not remembered. */
  readonly once?: boolean;
  /** What a person types is remembered only when `right` has been said of this asker. Default: at once. */
  readonly tentative?: boolean;
  /** Names of sessions that wait for it, beside the target's. */
  readonly topics?: readonly string[];
  readonly signal?: AbortSignal | undefined;
  /** One more place where a person may be asked. */
  readonly dialog?: QuestionDialog | undefined;
}

/** Why there is no secret: a person said no, nobody could be asked or answered, what was given was wrong twice, or whoever asked gave up. */
export type SecretRefusal = "no" | "nobody" | "wrong" | "cancelled";

/** A secret for the purpose of the question, or why there is none: `why` on one line without full stop, `hint` what can be done. */
export type SecretAnswer =
  | { readonly secret: Secret }
  | { readonly refused: SecretRefusal; readonly why: string; readonly hint: string };
