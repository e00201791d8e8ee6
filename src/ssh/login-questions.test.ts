import { describe, expect, it } from "vitest";
import type { ConnectPlan } from "./engine.ts";
import { LoginQuestions, type ServerQuestion } from "./login-questions.ts";

const plan: ConnectPlan = {
  alias: "web1",
  host: "10.0.0.5",
  port: 22,
  user: "me",
  knownHostsFiles: [],
  unknownHostKey: "strict",
  identityFiles: [],
  identitiesOnly: true,
  connectTimeoutMs: 1000,
  keepaliveMs: 1000,
};

/** What goes to a person, and the answers, when the password is known; a person answers every prompt with its text in angle brackets. */
async function ask(...rounds: (readonly [prompt: string, echo: boolean])[][]): Promise<unknown[]> {
  let password: string | undefined = "known";
  const asked: string[] = [];
  const questions = new LoginQuestions({
    plan,
    takePassword: () => {
      const once = password;
      password = undefined;
      return once;
    },
    people: {
      confirmHostKey: async () => "nobody",
      answerPrompts: async ({ prompts }) => {
        asked.push(...prompts.map(({ text }) => text));
        return prompts.map(({ text }) => `<${text}>`);
      },
    },
  });
  const answers: (readonly string[])[] = [];
  for (const round of rounds) {
    const prompts = round.map(([prompt, echo]) => ({ prompt, echo }));
    answers.push(await questions.answer({ name: "", instructions: "", prompts }, new AbortController().signal));
  }
  return [asked, ...answers];
}

describe("the known password", () => {
  it.each([
    ["Password: "],
    ["(me@web1) Password: "],
    ["Heslo: "],
    ["Your account expires in 3 days: change the code of the door.\nPassword: "],
  ])("answers the only hidden prompt: %j", async (prompt) => {
    expect(await ask([[prompt, false]])).toEqual([[], ["known"]]);
  });

  it.each([
    "Verification code: ",
    "One-time password (OATH) for `me': ",
    "Enter your OTP: ",
    "Passcode or option (1-3): ",
    "New password: ",
    "Enter PIN: ",
  ])("is not for %j", async (prompt) => {
    const text = prompt.trim();
    expect(await ask([[prompt, false]])).toEqual([[text], [`<${text}>`]]);
  });

  it("never answers what is shown while typed", async () => {
    expect(await ask([["Password: ", true]])).toEqual([["Password:"], ["<Password:>"]]);
  });

  it("answers its prompt among others, wherever it stands", async () => {
    const prompts: (readonly [string, boolean])[] = [
      ["Login name: ", true],
      ["Password: ", false],
      ["Code: ", false],
    ];
    expect(await ask(prompts)).toEqual([
      ["Login name:", "Code:"],
      ["<Login name:>", "known", "<Code:>"],
    ]);
  });

  it("answers none of two that both ask for a password, and nothing twice", async () => {
    const two: (readonly [string, boolean])[] = [
      ["Password: ", false],
      ["Password of the host: ", false],
    ];
    expect(await ask(two)).toEqual([
      ["Password:", "Password of the host:"],
      ["<Password:>", "<Password of the host:>"],
    ]);
    expect(await ask([["Password: ", false]], [["Password: ", false]])).toEqual([
      ["Password:"],
      ["known"],
      ["<Password:>"],
    ]);
  });
});

describe("a server that asks without end", () => {
  const questions = (): LoginQuestions =>
    new LoginQuestions({
      plan,
      takePassword: () => undefined,
      people: { confirmHostKey: async () => "nobody", answerPrompts: async ({ prompts }) => prompts.map(() => "") },
    });
  const round = (count: number): ServerQuestion => ({
    name: "",
    instructions: "",
    prompts: Array.from({ length: count }, () => ({ prompt: "More: ", echo: false })),
  });

  it("is left, in one go or in many", async () => {
    const { signal } = new AbortController();
    await expect(questions().answer(round(1000), signal)).rejects.toMatchObject({ code: "auth_failed" });
    const asked = questions();
    const many = async (): Promise<void> => {
      for (let count = 0; count < 100; count += 1) await asked.answer(round(1), signal);
    };
    await expect(many()).rejects.toMatchObject({ code: "auth_failed" });
  });
});

describe("a question of a server", () => {
  it("is never taken for one of our own, whatever it says", async () => {
    const lasting: unknown[] = [];
    const questions = new LoginQuestions({
      plan,
      takePassword: () => undefined,
      people: {
        confirmHostKey: async () => "nobody",
        answerPrompts: async (question) => {
          lasting.push(question.lasting);
          return [""];
        },
      },
    });
    const { signal } = new AbortController();
    for (const prompt of ["Passphrase of /home/me/.ssh/id_ed25519", "Password of me", "Password code"]) {
      await questions.answer({ name: "", instructions: "", prompts: [{ prompt, echo: false }] }, signal);
    }
    await questions.passphrase("/key", false, signal);
    expect(lasting).toEqual([
      undefined,
      { kind: "password", what: "Password of me" },
      undefined,
      { kind: "passphrase", what: "/key" },
    ]);
  });
});
