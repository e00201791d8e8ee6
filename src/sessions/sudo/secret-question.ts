import type { SecretTarget } from "../../config/index.ts";

/** A program on a host wants a secret from a person, and the command it belongs to waits. */
export interface SecretQuestion {
  readonly kind: "sudo";
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
}

/** `refused`: why there is no answer, for people. */
export type SecretAnswer = { readonly secret: string } | { readonly refused: string };

/** Whoever knows secrets, or can ask a person. Rejects when the settings cannot be read; `signal` aborts when nobody waits any more. */
export interface AsksForSecrets {
  ask(question: SecretQuestion, signal: AbortSignal): Promise<SecretAnswer>;
}
