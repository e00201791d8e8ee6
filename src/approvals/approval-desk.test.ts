import { afterEach, describe, expect, it, vi } from "vitest";
import { delay } from "../base/index.ts";
import { ApprovalDesk, type Attendant, type OpenQuestion, type Question, type QuestionDialog } from "./index.ts";

const never = 600_000;
const secrets: string[] = [];
let desk = new ApprovalDesk({ patienceMs: () => never });
afterEach(() => {
  desk.close();
  secrets.length = 0;
});

function openDesk(patienceMs = never, visitable = true): ApprovalDesk {
  desk = new ApprovalDesk({ patienceMs: () => patienceMs, onSecret: (value) => secrets.push(value) });
  if (visitable) desk.welcomeVisitors();
  return desk;
}

const login: Question = {
  kind: "fields",
  key: "login web1",
  refusalKey: "login web1",
  title: "Log in to web1",
  facts: [{ label: "The host says", value: "hello" }],
  fields: [
    { label: "Password:", hidden: true },
    { label: "Nickname:", hidden: false },
  ],
  topics: ["web1"],
};

const trust: Question = { ...login, kind: "confirm", key: "trust web1", refusalKey: "trust web1", yes: "Trust" };

interface Call extends Attendant {
  readonly shown: OpenQuestion[];
  readonly told: string[];
  readonly missedQuestions: Question[];
  pass: () => void;
}

function call(topics: readonly string[], able = true): Call {
  const made: Call = {
    topics: new Set(topics),
    shown: [],
    told: [],
    missedQuestions: [],
    pass: () => undefined,
    canShow: () => able,
    show: (open, pass) => {
      made.shown.push(open);
      made.pass = pass;
    },
    tell: (message) => void made.told.push(message),
    missed: (question) => void made.missedQuestions.push(question),
  };
  return made;
}

/** The one question that is open. */
function only(): OpenQuestion {
  const [open, more] = desk.questions;
  if (open === undefined || more !== undefined) throw new Error(`${desk.questions.length} questions are open`);
  return open;
}

describe("a question", () => {
  it("is answered once, by whoever is first, and what was hidden becomes a known secret", async () => {
    const answer = openDesk().ask(login);
    const open = only();
    expect(open.code).toMatch(/^\d{4}$/);
    expect(open.answer(["one"])).toBe(false);
    expect(open.answer(["two\nlines", "x"])).toBe(false);
    expect(open.answer(["x".repeat(5_000), "x"])).toBe(false);
    expect(open.answer(["hunter22", "bob"])).toBe(true);
    expect(open.answer(["other", "bob"])).toBe(false);
    expect(open.refuse()).toBe(false);
    expect(await answer).toEqual({ kind: "answered", values: ["hunter22", "bob"] });
    expect(open.over.aborted).toBe(true);
    expect(secrets).toEqual(["hunter22"]);
    expect(desk.questions).toEqual([]);
  });

  it("that is equal to an open one is the same, and its answer is for all who wait", async () => {
    openDesk();
    const answers = [desk.ask(trust), desk.ask(trust), desk.ask({ ...trust })];
    expect(only().answer([])).toBe(true);
    for (const answer of answers) expect(await answer).toEqual({ kind: "answered", values: [] });
  });

  it("that was refused is asked again after a minute, and not before", async () => {
    vi.useFakeTimers();
    try {
      const answer = openDesk().ask(trust);
      only().refuse();
      await answer;
      vi.advanceTimersByTime(59_000);
      expect(await desk.ask(trust)).toEqual({ kind: "refused" });
      const other = desk.ask(login);
      only().refuse();
      expect(await other).toEqual({ kind: "refused" });
      vi.advanceTimersByTime(1_000);
      const later = desk.ask(trust);
      only().answer([]);
      expect(await later).toEqual({ kind: "answered", values: [] });
    } finally {
      vi.useRealTimers();
    }
  });

  it("ends by itself: expired where it was shown, nobody where nobody looked", async () => {
    openDesk();
    const web = call(["web1"]);
    expect(await desk.attend(web, () => desk.ask(login, { limitMs: 30 }))).toEqual({ kind: "expired" });
    expect(web.shown[0]?.over.aborted).toBe(true);
    expect(web.missedQuestions.map((one) => one.title)).toEqual([login.title]);
    openDesk(30);
    const plain = call(["web1"], false);
    expect(await desk.attend(plain, () => desk.ask(login))).toEqual({ kind: "nobody" });
    expect(plain.missedQuestions).toHaveLength(1);
    expect(plain.told).toEqual(["waiting for a person: Log in to web1 · to answer: holdfast answer"]);
  });

  it("waits longer while a person looks", async () => {
    openDesk(20);
    const leave = desk.visit();
    const answer = desk.ask(login);
    await delay(80);
    expect(only().over.aborted).toBe(false);
    leave();
    leave();
    expect(await answer).toEqual({ kind: "nobody" });
  });

  it("has nobody at once where nobody can be asked", async () => {
    openDesk(never, false);
    expect(await desk.ask(login)).toEqual({ kind: "nobody" });
    const plain = call(["web1"], false);
    expect(await desk.attend(plain, () => desk.ask(login))).toEqual({ kind: "nobody" });
    expect([plain.told, plain.missedQuestions]).toEqual([[], []]);
    const web = call(["web1"]);
    const answer = desk.attend(web, () => desk.ask(login));
    web.pass();
    expect(await answer).toEqual({ kind: "nobody" });
  });

  it("ends when nobody waits for it any more, not before", async () => {
    openDesk();
    const [one, other] = [new AbortController(), new AbortController()];
    const answers = [desk.ask(trust, { signal: one.signal }), desk.ask(trust, { signal: other.signal })];
    const open = only();
    one.abort();
    expect(await answers[0]).toEqual({ kind: "nobody" });
    expect(open.over.aborted).toBe(false);
    other.abort();
    expect(await answers[1]).toEqual({ kind: "nobody" });
    expect(open.over.aborted).toBe(true);
    expect(await desk.ask(login, { signal: AbortSignal.abort() })).toEqual({ kind: "nobody" });
  });

  it("is one of a bounded number, and none after the end", async () => {
    openDesk();
    const answers = Array.from({ length: 1_000 }, (_, n) => desk.ask({ ...login, key: `${n}` }));
    expect(desk.questions).toHaveLength(32);
    desk.close();
    for (const answer of answers) expect(await answer).toEqual({ kind: "nobody" });
    expect(await desk.ask(login)).toEqual({ kind: "nobody" });
  });

  it("shows nothing of what hosts use to deceive, and not more than fits", async () => {
    openDesk();
    const nasty = "a\u001B[31mb\u202Ec\u200Bd\u0007\u{E0041}e\r\nf\u2028g\uD800h\u00ADi";
    const facts = Array.from({ length: 50 }, () => ({ label: nasty, value: `${nasty}\n${"x".repeat(9_000)}` }));
    void desk.ask({ ...login, title: nasty, facts, fields: [{ label: nasty.repeat(90), hidden: true }] });
    const { question } = only();
    expect(question.title).toBe("abcde fghi");
    expect(question.facts).toHaveLength(12);
    expect(question.facts[0]?.label).toBe("abcde fghi");
    expect(question.facts[0]?.value.startsWith("abcde\nfghi\nxxx")).toBe(true);
    expect(question.facts[0]?.value.length).toBeLessThan(1_010);
    expect(question.kind === "fields" && (question.fields[0]?.label.length ?? 999)).toBeLessThan(130);
  });

  it("with more fields than anybody fills in is not asked", async () => {
    openDesk();
    const fields = Array.from({ length: 9 }, () => ({ label: "x", hidden: true }));
    expect(await desk.ask({ ...login, fields })).toEqual({ kind: "nobody" });
  });
});

describe("a dialog", () => {
  const password: Question = { ...login, fields: [{ label: "Password:", hidden: true }] };

  it("is a place of its own where nobody else can be asked", async () => {
    openDesk(never, false);
    const texts: string[] = [];
    const dialog: QuestionDialog = async (text) => {
      texts.push(text);
      return { typed: "hunter22" };
    };
    const long = { label: "It runs", value: `${"x".repeat(90)} ${"y".repeat(70)} z` };
    const facts = [...password.facts, long];
    expect(await desk.ask({ ...password, facts }, { dialog })).toEqual({ kind: "answered", values: ["hunter22"] });
    expect(texts[0]).toMatch(
      /^Log in to web1\nThe host says: hello\nIt runs: \nx{76}\nx{14} \ny+ z\nCode: \d{4}\nPassword:$/,
    );
    expect(secrets).toEqual(["hunter22"]);
    expect(await desk.ask(password, { dialog: () => Promise.resolve("failed") })).toEqual({ kind: "nobody" });
    expect(await desk.ask(password, { dialog: () => Promise.resolve({ typed: "two\nlines" }) })).toEqual({
      kind: "nobody",
    });
    expect(await desk.ask(login, { dialog })).toEqual({ kind: "nobody" });
    expect(await desk.ask(password, { dialog: () => Promise.resolve("refused") })).toEqual({ kind: "refused" });
  });

  it("goes when somebody else has answered, and waits while somebody sees the question", async () => {
    openDesk(20);
    let over: AbortSignal | undefined;
    const dialog: QuestionDialog = async (_text, signal) => {
      over = signal;
      await delay(never, signal);
      return "failed";
    };
    const answer = desk.ask(password, { dialog });
    // Somebody may look at it, so it lasts.
    await delay(60);
    expect(only().answer(["hunter22"])).toBe(true);
    expect(await answer).toMatchObject({ kind: "answered" });
    expect(over?.aborted).toBe(true);
    over = undefined;
    const leave = desk.visit();
    const seen = desk.ask(password, { dialog });
    await delay(20);
    expect(over).toBeUndefined();
    only().refuse();
    leave();
    expect(await seen).toEqual({ kind: "refused" });
  });
});

describe("the call that shows a question", () => {
  it("is the one that asked, then another that waits for the same target", async () => {
    openDesk();
    const [first, second, stranger] = [call(["web1"]), call(["web1"]), call(["db2"])];
    const stop = new AbortController();
    const others = [second, stranger].map((one) => desk.attend(one, () => delay(never, stop.signal)));
    const leave = new AbortController();
    let answer: Promise<unknown> = Promise.resolve();
    const asking = desk.attend(first, async () => {
      answer = desk.ask(login);
      await delay(never, leave.signal);
    });
    expect([first.shown.length, second.shown.length]).toEqual([1, 0]);
    leave.abort();
    await asking;
    expect([second.shown.length, stranger.shown.length]).toEqual([1, 0]);
    second.shown[0]?.answer(["hunter22", "x"]);
    expect(await answer).toMatchObject({ kind: "answered" });
    expect(stranger.told).toEqual([]);
    stop.abort();
    await Promise.all(others);
  });

  it("may come later, and may pass it on", async () => {
    openDesk();
    const answer = desk.ask(login);
    const [first, second] = [call(["web1"]), call(["web1"])];
    const both = [first, second].map((one) => desk.attend(one, () => answer));
    expect([first.shown.length, second.shown.length]).toEqual([1, 0]);
    first.pass();
    expect(second.shown).toHaveLength(1);
    // It has been passed on: this is somebody else's question now.
    first.pass();
    second.shown[0]?.refuse();
    for (const one of both) expect(await one).toEqual({ kind: "refused" });
  });

  it("is none that has ended, though what it began goes on", async () => {
    openDesk();
    const ended = call(["web1"]);
    let later: () => Promise<unknown> = () => Promise.resolve();
    await desk.attend(ended, async () => {
      const pause = delay(5);
      later = async () => {
        await pause;
        return desk.ask(trust);
      };
    });
    const answer = later();
    await delay(20);
    expect(ended.shown).toEqual([]);
    only().answer([]);
    await answer;
  });
});
