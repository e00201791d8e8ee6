import { HoldfastError, delay, messageOf, oneLine } from "../../base/index.ts";
import type { ConnectPlan, PersonQuestions } from "../engine.ts";
import { LoginQuestions } from "../login-questions.ts";
import { readKeyFile } from "../private-key.ts";
import type { Ssh2Library } from "../ssh2-library.ts";
import { readPrompt } from "./askpass-prompt.ts";

interface AnswerParts {
  readonly library: Ssh2Library;
  readonly plan: ConnectPlan;
  readonly people: PersonQuestions | undefined;
  /** Stops the clock of the login until the returned function is called. */
  readonly hold: () => () => void;
  /** The login is over, for this reason. `refused`: what was known has been refused, and there is nothing else. */
  readonly fail: (error: HoldfastError | "refused") => void;
  /** Aborts when the login is over. */
  readonly over: AbortSignal;
}

/** Security keys wait about 30 s to be touched. */
const touchLimitMs = 60_000;

/** A person may mistype a passphrase once: no server hears of it. */
const passphraseTries = 2;

/** Answers what ssh asks during one login: known secrets once each, everything else goes to a person. */
export class LoginAnswers {
  readonly #parts: AnswerParts;
  readonly #questions: LoginQuestions;
  /** Key files that were left out, and why. */
  readonly leftOut: string[] = [];
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
      case "passphrase":
        return this.#passphrase(read.path);
      case "password":
        return this.#accountPassword();
      case "question":
        return this.#ask(read.text);
    }
  }

  /** What the server, or a token, asks. ssh takes no answer for an empty one and sends it: without an answer the login ends. */
  async #ask(text: string): Promise<string | undefined> {
    const { people, fail, over } = this.#parts;
    const question = { name: "", instructions: "", prompts: [{ prompt: text, echo: false }] };
    if (people !== undefined || !this.#spent) {
      const [answer] = await this.#questions.answer(question, over);
      return answer;
    }
    fail("refused");
    return undefined;
  }

  /** A password that was wrong is not asked for again: that would count against the account. */
  async #accountPassword(): Promise<string | undefined> {
    const known = this.#takePassword();
    if (known !== undefined) return known;
    const { plan, fail } = this.#parts;
    const typed = this.#spent ? undefined : await this.#secret(`Password of ${plan.user}`);
    this.#spent = true;
    if (typed === undefined) fail("refused");
    return typed;
  }

  /** ssh ends the program that shows it when the key was touched; until then a person is at it. */
  async #touch(): Promise<undefined> {
    await delay(touchLimitMs, this.#parts.over);
    return undefined;
  }

  /** The passphrase of a key file. It is tried here first: ssh says nothing about a wrong one. */
  async #passphrase(shownPath: string): Promise<string | undefined> {
    const { plan, fail, people } = this.#parts;
    // ssh shows the first 100 bytes only.
    const file = plan.identityFiles.find(({ path }) => path === shownPath || path.startsWith(shownPath));
    if (file === undefined) return undefined;
    const known = plan.passphrase === undefined ? "needs a passphrase" : await this.#flaw(file.path, plan.passphrase);
    if (known === undefined) return plan.passphrase;
    // A key and its passphrase named together are the caller's word: when they do not fit, that is the error.
    const isWord = file.explicit && plan.passphrase !== undefined;
    const typed = isWord ? undefined : await this.#typedPassphrase(file.path);
    if (typed !== undefined) return typed;
    const why = `the key ${oneLine(file.path, 200)} ${known}`;
    if (file.explicit && (isWord || people === undefined)) {
      fail(new HoldfastError("key_unreadable", why, { hint: "Give the passphrase, or load the key into the agent" }));
    }
    this.leftOut.push(why);
    return undefined;
  }

  async #typedPassphrase(path: string): Promise<string | undefined> {
    for (let tries = 0; tries < passphraseTries; tries += 1) {
      const typed = await this.#secret(`Passphrase of ${path}${tries > 0 ? " (the one before was wrong)" : ""}`);
      if (typed === undefined || (await this.#flaw(path, typed)) === undefined) return typed;
    }
    return undefined;
  }

  /** What is wrong with a passphrase; undefined when it fits, or only ssh can tell. */
  async #flaw(path: string, passphrase: string): Promise<string | undefined> {
    const read = await readKeyFile(this.#parts.library, { path, explicit: true, passphrase });
    const isWrong = read.kind === "unusable" && read.locked === true;
    return isWrong ? "does not open with the passphrase given" : undefined;
  }

  /** What a person types; undefined when nobody does, and then nobody is asked for anything else. */
  async #secret(prompt: string): Promise<string | undefined> {
    const typed = await this.#questions.secret(prompt, this.#parts.over);
    if (typed === undefined && this.#parts.people !== undefined) this.#nobody = true;
    return typed;
  }

  #takePassword(): string | undefined {
    const password = this.#password;
    this.#password = undefined;
    if (password !== undefined) this.#spent = true;
    return password;
  }
}
