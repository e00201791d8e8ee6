import { afterEach, describe, expect, it, vi } from "vitest";
import { ApprovalDesk, type OpenQuestion } from "../approvals/index.ts";
import { delay } from "../base/index.ts";
import { SecretBroker, type SecretAnswer, type SecretQuestion } from "./index.ts";

let desk = new ApprovalDesk({ patienceMs: () => 60_000 });
let learnt: string[] = [];
let broker = new SecretBroker({ desk, config: settings({}) });
afterEach(() => {
  broker.close();
  desk.close();
});

interface Stored {
  readonly rememberMs?: number;
  readonly stored?: () => Promise<string | undefined>;
  /** What the keyring has, by the names that are asked for; default: there is none. */
  readonly keyring?: Map<string, string>;
}

function settings({ rememberMs = 60_000, stored = async () => undefined, keyring }: Stored) {
  const rules = {
    file: undefined,
    onlyConfiguredTargets: false,
    directCopies: false,
    hideAddresses: false,
    secretsInCalls: "allow",
    rememberSecretsMs: rememberMs,
    keyring: keyring !== undefined,
  } as const;
  return { rules: async () => rules, secretOf: stored };
}

function open(stored: Stored = {}): void {
  desk = new ApprovalDesk({ patienceMs: () => 60_000 });
  desk.welcomeVisitors();
  learnt = [];
  broker = new SecretBroker({
    desk,
    config: settings(stored),
    openKeyring: () => {
      if (stored.keyring === undefined) throw new Error("there is no keyring");
      const entries = stored.keyring;
      return {
        read: async (account) => entries.get(account),
        write: async (account, secret) => void entries.set(account, secret),
        remove: async (account) => entries.delete(account),
      };
    },
    onSecret: (secret) => void learnt.push(secret),
  });
}

const sudo = { kind: "sudo", user: "deploy", host: "10.0.0.5" } as const;

function ask(askerKey: string, more: Partial<SecretQuestion> = {}): Promise<SecretAnswer> {
  const target = { alias: "web1" };
  const evidence = [{ label: "Command", value: "apt update" }];
  return broker.ask({ ...sudo, target, prompt: "[sudo] password for deploy:", evidence, askerKey, ...more });
}

/** The one question that a person sees. */
async function shown(): Promise<OpenQuestion> {
  for (let looks = 0; desk.questions.length === 0 && looks < 500; looks += 1) await desk.changed(20);
  const [question, more] = desk.questions;
  if (question === undefined || more !== undefined) throw new Error(`${desk.questions.length} questions are open`);
  return question;
}

async function type(text: string): Promise<void> {
  (await shown()).answer([text]);
}

function value(answer: SecretAnswer): string {
  return "secret" in answer ? answer.secret.reveal(sudo) : `${answer.refused}: ${answer.why}`;
}

describe("the broker", () => {
  it("asks a person once for five that ask at a time, and for those that come later", async () => {
    open();
    const answers = Promise.all(["1", "2", "3", "4", "5"].map((key) => ask(key)));
    const { question } = await shown();
    expect(question.title).toBe("Give the password for sudo on web1");
    expect(question.facts.map(({ value: text }) => text)).toEqual(["web1 (10.0.0.5)", "deploy", "apt update"]);
    await type("hunter22");
    expect((await answers).map(value)).toEqual(Array.from({ length: 5 }, () => "hunter22"));
    expect(value(await ask("6"))).toBe("hunter22");
    expect(desk.questions).toEqual([]);
  });

  it("gives it for nothing else", async () => {
    open();
    const first = ask("1");
    await type("hunter22");
    await first;
    for (const other of [{ kind: "other" }, { user: "root" }, { host: "10.0.0.6" }, { what: "x" }] as const) {
      const answer = ask("2", other);
      (await shown()).refuse();
      expect(await answer).toMatchObject({ refused: "no" });
    }
  });

  it("forgets it after its time, when its account's last session ends, and at once where nothing is remembered", async () => {
    open({ rememberMs: 30 });
    const first = ask("1");
    await type("hunter22");
    await first;
    await delay(60);
    const second = ask("2");
    await type("hunter23");
    expect(value(await second)).toBe("hunter23");
    open();
    const timed = ask("1");
    await type("hunter22");
    await timed;
    broker.forget(["deploy@10.0.0.5:22"]);
    expect(value(await ask("2"))).toBe("hunter22");
    open({ rememberMs: Number.POSITIVE_INFINITY });
    const third = ask("3");
    await type("hunter22");
    await third;
    broker.forget(["deploy@10.0.0.6:22", "deploy@10.0.0.5:2222", "root@10.0.0.5:22"]);
    expect(value(await ask("4"))).toBe("hunter22");
    broker.forget(["deploy@web1:22", "deploy@10.0.0.5:22"]);
    const fifth = ask("5");
    await type("hunter24");
    expect(value(await fifth)).toBe("hunter24");
    open({ rememberMs: 0 });
    const both = [ask("6"), ask("7")];
    for (let looks = 0; desk.questions.length < 2 && looks < 500; looks += 1) await desk.changed(20);
    for (const [at, question] of desk.questions.entries()) question.answer([`hunter-${at}`]);
    expect((await Promise.all(both)).map(value).toSorted()).toEqual(["hunter-0", "hunter-1"]);
  });

  it("takes a second question of the same asker for a sign that the first answer was wrong, and stops after two", async () => {
    open();
    const first = ask("1");
    await type("wrong-one");
    await first;
    const again = ask("1");
    expect((await shown()).question.facts).toContainEqual({
      label: "Again",
      value: "What was given before was wrong",
      tone: "warning",
    });
    await type("wrong-two");
    expect(value(await again)).toBe("wrong-two");
    expect(await ask("1")).toMatchObject({ refused: "wrong" });
    expect(desk.questions).toEqual([]);
    const next = ask("2");
    await type("hunter22");
    expect(value(await next)).toBe("hunter22");
  });

  it("gives a newer answer to whoever had the old one", async () => {
    open();
    const both = [ask("1"), ask("2")];
    await type("wrong-one");
    await Promise.all(both);
    const again = ask("1");
    await type("hunter22");
    await again;
    expect(value(await ask("2"))).toBe("hunter22");
    expect(value(await ask("3"))).toBe("hunter22");
  });

  it("asks what is stored before a person, and not again when that was wrong", async () => {
    open({ stored: async () => "from-config" });
    expect(value(await ask("1"))).toBe("from-config");
    broker.wrong("1");
    const second = ask("2");
    await type("hunter22");
    expect(value(await second)).toBe("hunter22");
    expect(value(await ask("3"))).toBe("hunter22");
    open({ stored: () => Promise.reject(new Error("the vault is locked")) });
    const third = ask("1");
    expect((await shown()).question.facts.at(-1)).toEqual({
      label: "Went wrong",
      value: "the vault is locked",
      tone: "warning",
    });
    desk.close();
    expect(value(await third)).toBe("nobody: nobody gave the sudo password of deploy on web1; the vault is locked");
  });

  it("asks the keyring after the settings and before a person, by purpose, user and host", async () => {
    const keyring = new Map([["sudo deploy@10.0.0.5", "from-keyring"]]);
    open({ keyring, stored: async () => "from-config" });
    expect(value(await ask("1"))).toBe("from-config");
    broker.wrong("1");
    expect(value(await ask("2"))).toBe("from-keyring");
    expect(learnt).toEqual(["from-keyring"]);
    broker.wrong("2");
    const third = ask("3");
    await type("hunter22");
    expect(value(await third)).toBe("hunter22");
    open({ keyring });
    expect("secret" in (await ask("4", { host: "10.0.0.5:22", what: "any" }))).toBe(true);
    expect(desk.questions).toEqual([]);
    const other = ask("5", { user: "root" });
    (await shown()).refuse();
    expect(await other).toMatchObject({ refused: "no" });
    // Who asks is not known: only a person gives an answer.
    const doubtful = ask("6", { verified: false });
    (await shown()).refuse();
    expect(await doubtful).toMatchObject({ refused: "no" });
  });

  it("gives what is stored for one prompt of an asker only", async () => {
    open({ stored: async () => "from-config" });
    expect(value(await ask("1"))).toBe("from-config");
    const code = ask("1", { what: "Verification code:" });
    await type("314159");
    expect("secret" in (await code)).toBe(true);
  });

  it("takes a person's word again for what was wrong before", async () => {
    open();
    const first = ask("1");
    await type("hunter22");
    await first;
    broker.wrong("1");
    const second = ask("2");
    await type("hunter22");
    await second;
    expect(value(await ask("3"))).toBe("hunter22");
  });

  it("remembers a tentative answer only when it was right", async () => {
    open();
    const first = ask("1", { tentative: true });
    await type("hunter22");
    await first;
    const second = ask("2", { tentative: true });
    await delay(20);
    // It may be good for this one, too: that will show.
    expect(desk.questions).toEqual([]);
    broker.gone("1");
    await type("hunter23");
    expect(value(await second)).toBe("hunter23");
    const third = ask("3");
    broker.right("2");
    expect(value(await third)).toBe("hunter23");
  });

  it("gives an asker that was not checked what a person types for it, and nothing stored or remembered", async () => {
    open({ stored: async () => "from-config" });
    const first = ask("1", { verified: false });
    expect((await shown()).question.facts.map(({ label }) => label)).toContain("Not checked");
    await type("hunter22");
    expect(value(await first)).toBe("hunter22");
    expect(value(await ask("2"))).toBe("from-config");
  });

  it("asks again for what a person did not give, a minute later", async () => {
    open();
    vi.useFakeTimers();
    try {
      const first = ask("1");
      await vi.advanceTimersByTimeAsync(20);
      (await shown()).refuse();
      expect(await first).toMatchObject({ refused: "no" });
      await vi.advanceTimersByTimeAsync(59_000);
      expect(await ask("2")).toMatchObject({ refused: "no" });
      await vi.advanceTimersByTimeAsync(1_000);
      const later = ask("3");
      await vi.advanceTimersByTimeAsync(20);
      await type("hunter22");
      expect(value(await later)).toBe("hunter22");
    } finally {
      vi.useRealTimers();
    }
  });

  it("leaves a person alone after a no, or an empty answer, and says what to do where nobody is there", async () => {
    open();
    const first = ask("1");
    (await shown()).refuse();
    expect(await first).toMatchObject({ refused: "no" });
    expect(await ask("2")).toMatchObject({ refused: "no" });
    const other = ask("3", { host: "db2" });
    await type("");
    expect(await other).toMatchObject({ refused: "no" });
    desk.close();
    expect(await ask("4", { host: "db3" })).toMatchObject({
      refused: "nobody",
      hint: expect.stringMatching(/holdfast answer.* or a dialog \(.*sudo_password_command.* or the keyring/),
    });
    const gone = new AbortController();
    gone.abort();
    expect(await ask("5", { signal: gone.signal })).toMatchObject({ refused: "cancelled" });
  });
});
