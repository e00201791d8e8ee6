import { afterEach, describe, expect, it } from "vitest";
import { ApprovalDesk, type OpenQuestion } from "./approvals/index.ts";
import { askForPrograms } from "./ask-for-programs.ts";
import { openConfig } from "./config/index.ts";
import { SecretBroker } from "./secrets/index.ts";
import type { SecretAnswer, SecretQuestion } from "./sessions/index.ts";

const desk = new ApprovalDesk({ patienceMs: () => 60_000 });
desk.welcomeVisitors();
const config = openConfig({ HOLDFAST_CONFIG_DIR: "/nonexistent" });
const broker = new SecretBroker({ desk, config });
afterEach(() => broker.close());

function ask(changes: Partial<SecretQuestion>, at = desk): Promise<SecretAnswer> {
  const question: SecretQuestion = {
    kind: "ssh",
    form: "secret",
    program: "/usr/bin/ssh",
    session: "web",
    target: { alias: "web1", sudoPassword: "stored sudo password" },
    user: "deploy",
    host: "10.0.0.5",
    prompt: "bob@db2's password:",
    command: "ssh bob@db2 uptime",
    doubt: undefined,
    askerKey: "7.9000",
    ...changes,
  };
  const secrets = at === desk ? broker : new SecretBroker({ desk: at, config });
  return askForPrograms(at, secrets).ask(question, new AbortController().signal);
}

async function shown(): Promise<OpenQuestion> {
  for (let looks = 0; desk.questions.length === 0 && looks < 500; looks += 1) await desk.changed(20);
  const [question] = desk.questions;
  if (question === undefined) throw new Error("nothing is asked");
  return question;
}

describe("programs on hosts", () => {
  it("that run as the user are answered by a person, each time, who sees which program asks", async () => {
    for (const askerKey of ["1", "2"]) {
      const answer = ask({ askerKey });
      const { question } = await shown();
      expect(question.title).toBe("ssh, run on web1, asks for a secret");
      expect(question.facts).toEqual([
        { label: "Host", value: "web1 (10.0.0.5)" },
        { label: "User", value: "deploy" },
        { label: "It runs", value: "ssh bob@db2 uptime" },
        { label: "Asked by", value: "/usr/bin/ssh, running as deploy" },
        { label: "Beware", value: expect.stringMatching(/could have made it ask/), tone: "warning" },
      ]);
      (await shown()).answer(["hunter22"]);
      expect(await answer).toEqual({ secret: "hunter22" });
    }
  });

  it("get none of what another kind of question has brought", async () => {
    expect(await ask({ kind: "sudo", program: undefined, askerKey: "3" })).toEqual({ secret: "stored sudo password" });
    const answer = ask({ kind: "git", askerKey: "4" });
    (await shown()).refuse();
    expect(await answer).toEqual({
      refused: expect.stringMatching(/^a person did not give the secret for git of deploy on web1/),
    });
    // Not again for a minute.
    expect(await ask({ kind: "git", askerKey: "5" })).toEqual({ refused: expect.stringMatching(/did not give/) });
  });

  it("that were given two wrong ones get no third", async () => {
    for (const again of [false, true]) {
      const answer = ask({ askerKey: "6" });
      const { question } = await shown();
      expect(question.facts.some(({ label }) => label === "Again")).toBe(again);
      (await shown()).answer(["wrong-one"]);
      await answer;
    }
    expect(await ask({ askerKey: "6" })).toEqual({ refused: expect.stringMatching(/wrong twice/) });
  });

  it("may ask for a yes, and for a word that anybody may see", async () => {
    const prompt = "The authenticity of host 'db2' can't be established. Continue (yes/no)?";
    const yes = ask({ form: "yes", prompt });
    const confirm = await shown();
    expect(confirm.question).toMatchObject({ kind: "confirm", title: "ssh, run on web1, asks for a yes" });
    expect(confirm.question.facts.at(-1)).toEqual({ label: "It asks", value: prompt });
    confirm.answer([]);
    expect(await yes).toEqual({ secret: "yes" });
    const name = ask({ kind: "git", form: "word", prompt: "Username for 'https://example.org':" });
    const field = await shown();
    expect(field.question).toMatchObject({ fields: [{ label: "Username for 'https://example.org':", hidden: false }] });
    field.answer(["ann"]);
    expect(await name).toEqual({ secret: "ann" });
    const no = ask({ form: "yes", prompt });
    (await shown()).refuse();
    expect(await no).toEqual({ refused: expect.stringMatching(/^a person said no/) });
  });

  it("hear what can be done where nobody is there: in the same words, but that a yes is asked in no dialog", async () => {
    const nobodyThere = new ApprovalDesk({ patienceMs: () => 0 });
    const answers = await Promise.all(
      (["secret", "yes", "word"] as const).map((form) => ask({ form, prompt: "?", askerKey: form }, nobodyThere)),
    );
    const hint =
      'Have a person open "holdfast answer" in a terminal and call again, or use a client that can ask its person';
    expect(answers).toEqual([
      { refused: `nobody gave the secret for ssh of deploy on web1 · ${hint}, or a dialog (docs/approvals.md)` },
      { refused: `nobody answered ssh · ${hint} (docs/approvals.md)` },
      { refused: `nobody answered ssh · ${hint} (docs/approvals.md)` },
    ]);
  });
});
