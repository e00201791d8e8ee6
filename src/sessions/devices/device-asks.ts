import { randomHex } from "../../base/index.ts";
import type { LoginAnswer, LoginAsks } from "../../devices/index.ts";
import type { AskForSession } from "../sudo/password-asks.ts";
import type { AnswerForm, AskerKind } from "../sudo/secret-question.ts";

/** A password, and what to call when it was wrong; or why there is none. */
export type GivenSecret = { readonly secret: string; readonly wrong: () => void } | { readonly refused: string };

/** Asks for a password: the broker, and a person at last. Never rejects. */
export type AskSecret = (prompt: string) => Promise<GivenSecret>;

/** The enable password. Its question is the same each time; each attempt is another asker. */
export function askEnable(ask: AskForSession): AskSecret {
  return (prompt) => secretOf(ask, { kind: "enable", prompt, command: "enable" });
}

/** A password that something behind the device's command line asks for, of which only its words are known: a person's, each time. */
export function askOnConsole(ask: AskForSession): AskSecret {
  const doubt = "Only its words say what asks for this";
  return (prompt) => secretOf(ask, { kind: "console", prompt, doubt });
}

export interface ConsoleLogin {
  /** The password that the settings have. */
  readonly password: () => Promise<string | undefined>;
  /** The user of the login by SSH. */
  readonly user: string;
  readonly ask: AskForSession;
}

/** What a person typed as a name on a console, for the next terminal of the same session. */
export interface TypedName {
  name: string | undefined;
}

/** Answers what a device asks before its first prompt: by the settings where they have a password, else by a person. */
export function loginAnswers(
  { password, user, ask }: ConsoleLogin,
  typed: TypedName,
): Pick<LoginAsks, "answer" | "wrong"> {
  let wrong: () => void = () => undefined;
  const name = async (line: string): Promise<LoginAnswer> => {
    if ((await password()) !== undefined) return { text: user };
    if (typed.name !== undefined) return { text: typed.name };
    const answer = await asked(ask, { kind: "console", form: "word", prompt: line });
    if ("refused" in answer) return answer;
    typed.name = answer.secret;
    return { text: answer.secret };
  };
  const secret = async (line: string): Promise<LoginAnswer> => {
    const set = await password();
    if (set !== undefined) return { text: set };
    const given = await secretOf(ask, { kind: "console", prompt: line });
    if ("refused" in given) return given;
    ({ wrong } = given);
    return { text: given.secret };
  };
  return {
    answer: (kind, line) => (kind === "username" ? name(line) : secret(line)),
    wrong: () => {
      typed.name = undefined;
      wrong();
    },
  };
}

interface Question {
  readonly kind: AskerKind;
  readonly prompt: string;
  readonly form?: AnswerForm;
  readonly command?: string;
  readonly doubt?: string;
}

async function secretOf(ask: AskForSession, question: Question): Promise<GivenSecret> {
  const askerKey = randomHex(8);
  const answer = await asked(ask, question, askerKey);
  if ("refused" in answer) return answer;
  // Whoever asks again without waiting for an answer says that the first one was wrong.
  return { secret: answer.secret, wrong: () => void asked(ask, question, askerKey, AbortSignal.abort()) };
}

function asked(
  ask: AskForSession,
  { kind, prompt, form = "secret", command, doubt }: Question,
  askerKey = randomHex(8),
  signal: AbortSignal = new AbortController().signal,
): ReturnType<AskForSession> {
  const showOn = (): Promise<"failed"> => Promise.resolve("failed");
  return ask({ kind, form, program: undefined, prompt, command, doubt, askerKey, showOn }, signal);
}
