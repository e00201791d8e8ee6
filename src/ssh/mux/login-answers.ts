import { HoldfastError, oneLine } from "../../base/index.ts";
import { describeTarget } from "../describe-target.ts";
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
  /** Aborts when the login is over. */
  readonly over: AbortSignal;
}

/** Answers what ssh asks during one login: known secrets once each, everything else goes to a person. */
export class LoginAnswers {
  readonly #parts: AnswerParts;
  readonly #questions: LoginQuestions;
  readonly #unlocked = new Set<string>();
  readonly leftOut: string[] = [];
  #password: string | undefined;
  #passwordGiven = false;

  constructor(parts: AnswerParts) {
    this.#parts = parts;
    const { plan, people } = parts;
    this.#password = plan.password;
    this.#questions = new LoginQuestions({ plan, people, takePassword: () => this.#takePassword() });
  }

  /** What a person is being asked, on one line. */
  get asked(): string | undefined {
    return this.#questions.asked;
  }

  /** The answer to one prompt of ssh; undefined when there is none. Never rejects. */
  async answer(prompt: string, hint: string): Promise<string | undefined> {
    const read = readPrompt(prompt, hint);
    if (read.kind === "confirm") return undefined;
    if (read.kind === "passphrase") return this.#passphrase(read.path);
    if (read.kind === "notice") return this.#touch();
    return this.#ask(read.text);
  }

  async #ask(text: string): Promise<string | undefined> {
    const { hold, fail, over, people } = this.#parts;
    const release = hold();
    try {
      const question = { name: "", instructions: "", prompts: [{ prompt: text, echo: false }] };
      const [answer] = await this.#questions.answer(question, over);
      return answer;
    } catch (error) {
      const spent = people === undefined && this.#passwordGiven;
      if (!over.aborted && error instanceof HoldfastError) fail(spent ? "refused" : error);
      return undefined;
    } finally {
      release();
    }
  }

  /** ssh ends the program that shows it when the key was touched. */
  async #touch(): Promise<undefined> {
    const { hold, over } = this.#parts;
    const release = hold();
    over.addEventListener("abort", release, { once: true });
    return undefined;
  }

  #passphrase(path: string): string | undefined {
    const { plan, fail } = this.#parts;
    const file = plan.identityFiles.find((one) => one.path === path || one.path.startsWith(path));
    const isNew = !this.#unlocked.has(path);
    this.#unlocked.add(path);
    if (file !== undefined && isNew && plan.passphrase !== undefined) return plan.passphrase;
    const why = plan.passphrase === undefined ? "needs a passphrase" : "does not open with the passphrase given";
    const shown = oneLine(path, 200);
    if (file?.explicit === true) {
      fail(
        new HoldfastError("key_unreadable", `the key ${shown} ${why} (connecting to ${describeTarget(plan)})`, {
          hint: "Give the passphrase, or load the key into the agent",
        }),
      );
    }
    this.leftOut.push(`${shown} ${why}`);
    return undefined;
  }

  #takePassword(): string | undefined {
    const password = this.#password;
    this.#password = undefined;
    if (password !== undefined) this.#passwordGiven = true;
    return password;
  }
}
