import type { SecretTarget } from "../../config/index.ts";

/** Programs that ask on a terminal, and are root's. */
export type TerminalAskerKind = "su" | "doas" | "passwd";

/** Which program on a host asks. */
export type AskerKind = "sudo" | "enable" | "console" | "ssh" | "git" | "gpg" | TerminalAskerKind;

/** What an answer is: not to be seen, a word like any other, or a yes. */
export type AnswerForm = "secret" | "word" | "yes";

/** A program on a host wants a secret from a person, and the command it belongs to waits. */
export interface SecretQuestion {
  readonly kind: AskerKind;
  readonly form: AnswerForm;
  /** The file of a program that asks as the user, so that anything of theirs could have made it ask; undefined for sudo. */
  readonly program: string | undefined;
  readonly session: string;
  /** What the settings say of it, and its name. */
  readonly target: SecretTarget;
  /** Who the session runs as, and where. */
  readonly user: string;
  readonly host: string;
  /** What the program says; from the host, so not to be trusted. */
  readonly prompt: string;
  /** The command line of the program that asks, as the host's kernel has it; undefined where that cannot be seen. */
  readonly command: string | undefined;
  /** Why nobody can tell that it is sudo that asks; undefined when it certainly is. Never answered from memory then. */
  readonly doubt: string | undefined;
  /** The same for the same asking process: when it asks again, its answer was wrong. */
  readonly askerKey: string;
  /** A dialog on the display of this machine; undefined where the target may not show any. */
  readonly dialog?: AskDialog | undefined;
}

/** Shows a text and one hidden field until `signal` aborts. Never rejects. */
export type AskDialog = (
  text: string,
  signal: AbortSignal,
) => Promise<{ readonly typed: string } | "refused" | "failed">;

/** A yes is given as `yes`. `refused`: why there is no answer, for people. */
export type SecretAnswer = { readonly secret: string } | { readonly refused: string };

/** Whoever knows secrets, or can ask a person. Rejects when the settings cannot be read; `signal` aborts when nobody waits any more. */
export interface AsksForSecrets {
  ask(question: SecretQuestion, signal: AbortSignal): Promise<SecretAnswer>;
}
