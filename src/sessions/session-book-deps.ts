import type { Config, SessionLimits } from "../config/index.ts";
import type { PersonQuestions, SshEngine } from "../ssh/index.ts";
import type { DocumentStore } from "../store/index.ts";
import type { AsksForSecrets } from "./sudo/secret-question.ts";

/** What a session book stands on. */
export interface SessionBookDeps {
  readonly engine: SshEngine;
  /** Who is asked about unknown host keys; default: nobody, they are refused. */
  readonly people?: PersonQuestions;
  /** Who knows, or asks for, what sudo wants to know; default: nobody. */
  readonly secrets?: AsksForSecrets;
  /** Keeps session records; shared with other processes of the same user. */
  readonly store: DocumentStore;
  /** Where targets come from; default: the environment and its settings file. */
  readonly config?: Config;
  /** Default: what the environment says. */
  readonly limits?: SessionLimits;
  /** Told the names (`user@host:port`) of an account whose last session here has ended. */
  readonly accountLeft?: (names: readonly string[]) => void;
}
