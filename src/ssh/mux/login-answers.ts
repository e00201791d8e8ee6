import { HoldfastError, delay, messageOf } from "../../base/index.ts";
import type { ConnectPlan, PersonQuestions } from "../engine.ts";
import { LoginQuestions } from "../login-questions.ts";
import { readPrompt } from "./askpass-prompt.ts";

interface AnswerParts {
  readonly plan: ConnectPlan;
  readonly people: PersonQuestions | undefined;
  /** Stops the clock of the login until the returned function is called. */
  readonly hold: () => () => void;
  /** The login is over, for this reason. `refused`: what was known has been refused, and there is nothing else. */
  readonly fail: (error: HoldfastError | "refused") => void;
  /** What ssh tries could not be tried. */
  readonly couldNotTry: (why: string) => void;
  /** Aborts when the login is over. */
  readonly over: AbortSignal;
}

/** A server that asks for the password again has refused the one that was known. */
const passwordWord = /pass ?word/i;

/** Security keys wait about 30 s to be touched. */
const touchLimitMs = 60_000;

/** Answers what ssh asks during one login: known secrets once each, everything else goes to a person. */
export class LoginAnswers {
  readonly #parts: AnswerParts;
  readonly #questions: LoginQuestions;
  #password: string | undefined;
  /** A password was sent, or a person has answered what may have been a question for it. */
  #spent = false;
  #nobody = false;

  constructor(parts: AnswerParts) {
    this.#parts = parts;
    const { plan, people } = parts;
    this.#password = plan.password;
    this.#questions = new LoginQuestions({
      plan,
      people,
      takePassword: () => this.#takePassword(),
      personAnswered: () => {
        this.#spent = true;
      },
    });
  }

  /** What a person is being asked, on one line. */
  get asked(): string | undefined {
    return this.#questions.asked;
  }

  /** Nobody was there when a person was to be asked. */
  get missedPerson(): boolean {
    return this.#nobody;
  }

  /** The login is over, for this reason if it failed. */
  over(failure?: HoldfastError): void {
    this.#questions.over(failure);
  }

  /** The passphrase of a key file, from a person; undefined when nobody gives it. */
  passphrase(path: string, again: boolean): Promise<string | undefined> {
    return this.#secret(this.#questions.passphrase(path, again, this.#parts.over));
  }

  /** The answer to one prompt of ssh; undefined when there is none. Never rejects. */
  async answer(prompt: string, hint: string): Promise<string | undefined> {
    const { fail, over } = this.#parts;
    const release = this.#parts.hold();
    try {
      return await this.#answer(prompt, hint);
    } catch (error) {
      const isOurs = error instanceof HoldfastError;
      if (!over.aborted) fail(isOurs ? error : new HoldfastError("internal", messageOf(error), { cause: error }));
      return undefined;
    } finally {
      release();
    }
  }

  async #answer(prompt: string, hint: string): Promise<string | undefined> {
    const read = readPrompt(prompt, hint);
    switch (read.kind) {
      case "confirm":
        return undefined;
      case "notice":
        return this.#touch();
      case "password":
        return this.#accountPassword();
      case "passphrase":
        return this.#passphraseFor(read.path, prompt);
      case "question":
        return this.#ask(read.text);
    }
  }

  /** ssh reads the file itself. A path that we did not name is something else, in ssh's words. */
  async #passphraseFor(path: string, prompt: string): Promise<string | undefined> {
    const { plan, couldNotTry } = this.#parts;
    if (!plan.identityFiles.some((file) => file.path === path)) return this.#ask(prompt);
    const typed = await this.passphrase(path, false);
    if (typed === undefined) couldNotTry("nobody gave its passphrase");
    return typed;
  }

  /** What the server, or a token, asks. ssh takes no answer for an empty one and sends it: without an answer the login ends. */
  async #ask(text: string): Promise<string | undefined> {
    const { people, fail, over } = this.#parts;
    if (people === undefined && this.#spent && passwordWord.test(text)) {
      fail("refused");
      return undefined;
    }
    const question = { name: "", instructions: "", prompts: [{ prompt: text, echo: false }] };
    const [answer] = await this.#questions.answer(question, over);
    return answer;
  }

  /** A password that was wrong is not asked for again: that would count against the account. */
  async #accountPassword(): Promise<string | undefined> {
    const known = this.#takePassword();
    if (known !== undefined) return known;
    const { fail, couldNotTry, over } = this.#parts;
    const mayAsk = !this.#spent;
    const typed = this.#spent ? undefined : await this.#secret(this.#questions.password(over));
    this.#spent = true;
    if (typed === undefined && mayAsk) couldNotTry("nobody typed it");
    if (typed === undefined) fail("refused");
    return typed;
  }

  /** ssh ends the program that shows it when the key was touched; until then a person is at it. */
  async #touch(): Promise<undefined> {
    await delay(touchLimitMs, this.#parts.over);
    return undefined;
  }

  /** What a person types; undefined when nobody does, and then nobody is asked for anything else. */
  async #secret(typed: Promise<string | undefined>): Promise<string | undefined> {
    if ((await typed) === undefined && this.#parts.people !== undefined) this.#nobody = true;
    return typed;
  }

  #takePassword(): string | undefined {
    const password = this.#password;
    this.#password = undefined;
    if (password !== undefined) this.#spent = true;
    return password;
  }
}
