import type { AnyAuthMethod, ParsedKey } from "ssh2";
import { messageOf } from "../base/index.ts";
import type { AuthOrder, LoginAttempt } from "./auth-order.ts";
import type { ConnectPlan } from "./engine.ts";
import type { Identity } from "./identity.ts";
import type { LoginQuestions, ServerQuestion } from "./login-questions.ts";
import type { SealedKey } from "./sealed-key.ts";

interface AttemptParts {
  readonly plan: Pick<ConnectPlan, "user">;
  readonly auth: AuthOrder;
  readonly questions: LoginQuestions;
  /** What ssh2 takes for the private key of `identity`. */
  standIn(identity: Identity): ParsedKey;
  /** Stops the clock of the login until the returned function is called. */
  hold(): () => void;
  fail(error: unknown): void;
  /** Nothing is left to try. */
  exhausted(): void;
  /** Aborts when the login is over. */
  readonly over: AbortSignal;
}

type Give = (method: AnyAuthMethod) => void;

/** Turns each attempt of a login into what ssh2 sends, with what a person types where it takes one. */
export class LoginAttempts {
  readonly #parts: AttemptParts;

  constructor(parts: AttemptParts) {
    this.#parts = parts;
  }

  /** Gives ssh2 the next attempt. */
  next(give: Give): void {
    const attempt = this.#parts.auth.next();
    if (attempt === undefined) this.#parts.exhausted();
    else if (attempt.kind === "sealed") void this.#whileHeld(() => this.#open(attempt.key, give));
    else if (attempt.kind === "password" && attempt.password === undefined) {
      void this.#whileHeld(() => this.#typedPassword(give));
    } else give(this.#method(attempt));
  }

  /** The passphrase of a key file, from a person; undefined when nobody gives it. */
  passphrase(path: string, again: boolean): Promise<string | undefined> {
    return this.#secret(this.#parts.questions.passphrase(path, again, this.#parts.over));
  }

  #method(attempt: Exclude<LoginAttempt, { kind: "sealed" }>): AnyAuthMethod {
    const username = this.#parts.plan.user;
    if (attempt.kind === "none") return { type: "none", username };
    if (attempt.kind === "password") return { type: "password", username, password: attempt.password ?? "" };
    if (attempt.kind === "key") {
      return { type: "publickey", username, key: this.#parts.standIn(attempt.offer.identity) };
    }
    return {
      type: "keyboard-interactive",
      username,
      // oxlint-disable-next-line max-params -- ssh2's own signature
      prompt: (name, instructions, _language, prompts, finish) => {
        void this.#whileHeld(() => this.#answer({ name, instructions, prompts }, finish));
      },
    };
  }

  /** A person's time is not the server's: the limit stands still meanwhile. Never rejects. */
  async #whileHeld(ask: () => Promise<void>): Promise<void> {
    const release = this.#parts.hold();
    try {
      await ask();
    } catch (error) {
      this.#parts.fail(error);
    } finally {
      release();
    }
  }

  /** What a person types; undefined when nobody does, and then nobody is asked for anything else. */
  async #secret(typed: Promise<string | undefined>): Promise<string | undefined> {
    if ((await typed) === undefined) this.#parts.auth.nobodyThere();
    return typed;
  }

  /** Goes on with the key in a sealed file, or with what is left where nobody opens it. */
  async #open(key: SealedKey, give: Give): Promise<void> {
    const { auth, over } = this.#parts;
    try {
      auth.opened(await key.open((path, again) => this.passphrase(path, again)));
    } catch (reason) {
      auth.couldNotTry(messageOf(reason));
    }
    if (!over.aborted) this.next(give);
  }

  /** Goes on with the password that a person types, or with what is left where nobody does. */
  async #typedPassword(give: Give): Promise<void> {
    const { auth, plan, over } = this.#parts;
    const password = await this.#secret(this.#parts.questions.password(over));
    if (over.aborted) return;
    if (password === undefined) {
      auth.couldNotTry("nobody typed it");
      this.next(give);
      return;
    }
    auth.typed(password);
    give({ type: "password", username: plan.user, password });
  }

  async #answer(question: ServerQuestion, finish: (answers: string[]) => void): Promise<void> {
    const answers = await this.#parts.questions.answer(question, this.#parts.over);
    if (!this.#parts.over.aborted) finish([...answers]);
  }
}
