import { HoldfastError, after, oneLine, plainText, randomHex } from "../base/index.ts";
import { describeAddress, describeTarget } from "./describe-target.ts";
import type { ConnectPlan, LastingSecret, PersonQuestions } from "./engine.ts";

/** What a server asks at once (RFC 4256 §3.2). */
export interface ServerQuestion {
  readonly name: string;
  readonly instructions: string;
  readonly prompts: readonly { readonly prompt: string; readonly echo?: boolean | undefined }[];
}

/** How long a person has. Servers mostly wait for 2 minutes only (LoginGraceTime). */
const answerLimitMs = 5 * 60_000;

/** A login asks for a password and a code, perhaps for a new password; more than this is no login. */
const mostPrompts = 16;
const mostRounds = 20;

/** What is shown of a server's texts, in characters. */
const shownPrompt = 200;
const shownInstructions = 2000;

/** Prompts that ask for something other than the account's password, although they may have that word in them. */
const otherSecret =
  /one[- ]?time|otp|token|code|verification|factor|passcode|pin\b|new password|retype|current pass|passphrase/i;
const passwordWord = /pass ?wor[dt]|kennwort|mot de passe|contraseña|senha|пароль|密码|パスワード/i;

interface Prompt {
  readonly text: string;
  readonly echo: boolean;
}

interface ReadableQuestion {
  readonly name: string;
  readonly instructions: string;
  readonly prompts: readonly Prompt[];
}

/** The question as a person may read it. What OpenSSH's PAM has to tell stands before the prompt itself, on lines of its own. */
function readable({ name, instructions, prompts }: ServerQuestion): ReadableQuestion {
  const told: string[] = [];
  const asked = prompts.map(({ prompt, echo }) => {
    const lines = plainText(prompt).trimEnd().split("\n");
    const text = oneLine(lines.pop() ?? "", shownPrompt);
    told.push(...lines);
    return { text, echo: echo === true };
  });
  const all = [plainText(instructions), ...told].join("\n").trim();
  return { name: oneLine(name, shownPrompt), instructions: all.slice(0, shownInstructions), prompts: asked };
}

/** The prompt that the known password answers: the only hidden one that asks for a password, or the only one there is, when it does not ask for something else. */
function passwordPrompt(prompts: readonly Prompt[]): number | undefined {
  const hidden = prompts.flatMap(({ text, echo }, at) => (echo || otherSecret.test(text) ? [] : [at]));
  const [only] = hidden;
  if (prompts.length === 1) return only;
  const named = hidden.filter((at) => passwordWord.test(prompts[at]?.text ?? ""));
  return named.length === 1 ? named[0] : undefined;
}

/** What a server asks for when it asks for nothing but the password; what it says is never taken for a question of our own. */
function serverPassword(prompts: readonly Prompt[]): LastingSecret | undefined {
  const [only] = prompts;
  if (only === undefined || prompts.length > 1 || only.echo) return undefined;
  const asks = passwordWord.test(only.text) && !otherSecret.test(only.text);
  return asks ? { kind: "password", what: only.text } : undefined;
}

interface LoginQuestionsParts {
  readonly plan: ConnectPlan;
  readonly people: PersonQuestions | undefined;
  /** The known password, once. */
  takePassword(): string | undefined;
  /** Told when a person has answered what the server asked. */
  personAnswered?(): void;
}

/** Answers what a server asks at one login: the known password answers the prompt for it, everything else goes to a person. */
export class LoginQuestions {
  readonly #parts: LoginQuestionsParts;
  #rounds = 0;
  #asked: string | undefined;
  #nobody = false;
  readonly #login = randomHex(8);
  #hasAsked = false;

  constructor(parts: LoginQuestionsParts) {
    this.#parts = parts;
  }

  /** What a person is being asked, on one line; undefined when nobody is. */
  get asked(): string | undefined {
    return this.#asked;
  }

  /** One answer per prompt. Rejects with `auth_failed` when a person would be needed and none is there or answers, or the server asks without end. */
  async answer(question: ServerQuestion, signal: AbortSignal): Promise<readonly string[]> {
    this.#rounds += 1;
    if (question.prompts.length > mostPrompts || this.#rounds > mostRounds) {
      throw this.#refusal("asks too many questions");
    }
    const { name, instructions, prompts } = readable(question);
    const known = this.#knownAnswer(prompts);
    const open = prompts.filter((_, at) => at !== known?.at);
    const given = open.length === 0 ? [] : await this.#askPerson({ name, instructions, prompts: open }, signal);
    const rest = [...given];
    return prompts.map((_, at) => (known?.at === at ? known.answer : (rest.shift() ?? "")));
  }

  #knownAnswer(prompts: readonly Prompt[]): { readonly at: number; readonly answer: string } | undefined {
    const at = passwordPrompt(prompts);
    const answer = at === undefined ? undefined : this.#parts.takePassword();
    return at === undefined || answer === undefined ? undefined : { at, answer };
  }

  /** The password, where the server takes one without asking for it; undefined when nobody is there or answers, and from then on nobody is asked. */
  password(signal: AbortSignal): Promise<string | undefined> {
    const text = `Password of ${this.#parts.plan.user}`;
    return this.#secret(text, { kind: "password", what: text }, signal);
  }

  /** The passphrase of a key file, as `password`; `again`: the one before was wrong. */
  passphrase(path: string, again: boolean, signal: AbortSignal): Promise<string | undefined> {
    const text = `Passphrase of ${path}${again ? " (the one before was wrong)" : ""}`;
    return this.#secret(text, { kind: "passphrase", what: path }, signal);
  }

  /** The login is over, for this reason if it failed: whoever was asked hears whether the answers were right. */
  over(failure?: HoldfastError): void {
    if (!this.#hasAsked) return;
    const refused = failure?.code === "auth_failed" ? "refused" : "broken";
    this.#parts.people?.loginOver?.(this.#login, failure === undefined ? "accepted" : refused);
  }

  async #secret(text: string, lasting: LastingSecret, signal: AbortSignal): Promise<string | undefined> {
    const { people } = this.#parts;
    if (people === undefined || this.#nobody) return undefined;
    const question = { name: "", instructions: "", prompts: [{ text, echo: false }], lasting };
    const [typed] = (await this.#answers(people, question, signal)) ?? [];
    return typed;
  }

  async #askPerson(question: ReadableQuestion, signal: AbortSignal): Promise<readonly string[]> {
    const { people } = this.#parts;
    const asked = question.prompts.map(({ text }) => text).join(" ");
    if (people === undefined) throw this.#refusal(`asks "${asked}", and there is nobody to answer`);
    const lasting = serverPassword(question.prompts);
    const answers = this.#nobody ? undefined : await this.#answers(people, { ...question, lasting }, signal);
    if (answers === undefined) throw this.#refusal(`asks "${asked}", and nobody answered`);
    this.#parts.personAnswered?.();
    return answers;
  }

  async #answers(
    people: PersonQuestions,
    question: ReadableQuestion & { readonly lasting: LastingSecret | undefined },
    signal: AbortSignal,
  ): Promise<readonly string[] | undefined> {
    const { plan } = this.#parts;
    const { prompts } = question;
    this.#hasAsked = true;
    this.#asked = prompts.map(({ text }) => text).join(" ");
    const limit = new AbortController();
    const cancel = after(answerLimitMs, () => limit.abort());
    const either = AbortSignal.any([signal, limit.signal]);
    try {
      const place = { alias: plan.alias, address: describeAddress(plan), user: plan.user, login: this.#login };
      const answers = await unlessAborted(people.answerPrompts({ ...place, ...question }, either), either);
      if (answers?.length === prompts.length) return answers;
      this.#nobody = true;
      return undefined;
    } finally {
      cancel();
      this.#asked = undefined;
    }
  }

  #refusal(why: string): HoldfastError {
    return new HoldfastError("auth_failed", `${describeTarget(this.#parts.plan)} ${why}`, {
      hint: "A person must answer what this server asks at the login (holdfast answer); or log in with a key (ssh-add, key_file) or a known password (password_command) where the server lets it do",
    });
  }
}

/** The answers, or undefined as soon as `signal` aborts. */
function unlessAborted<T>(answers: Promise<T | undefined>, signal: AbortSignal): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const abort = (): void => resolve(undefined);
    signal.addEventListener("abort", abort, { once: true });
    if (signal.aborted) abort();
    answers.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}
