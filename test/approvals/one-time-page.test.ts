import { connect } from "node:net";
import { once } from "node:events";
import { afterEach, describe, expect, it } from "vitest";
import { ApprovalDesk, type Answer, type OpenQuestion, type Question } from "../../src/approvals/index.ts";
import { openOneTimePage } from "../../src/web/index.ts";
import { eventually } from "../helpers/eventually.ts";
import { ask } from "../http/serve.ts";
import { browse } from "./browser.ts";

const login: Question = {
  kind: "fields",
  key: "login",
  refusalKey: "login",
  title: 'Log in to <script>alert("x")</script>',
  facts: [{ label: "The host says", value: "</style><img src=x onerror=alert(1)>\nnext line" }],
  fields: [
    { label: '"><b>Password</b>', hidden: true },
    { label: "Code", hidden: false },
  ],
  topics: [],
};

const trust: Question = {
  ...login,
  kind: "confirm",
  key: "trust",
  refusalKey: "trust",
  title: "Trust?",
  yes: "Trust it",
};

/** Long enough to be told that it is over, short enough to wait for. */
const lateMs = 500;

let desk = new ApprovalDesk({ patienceMs: () => 600_000 });
afterEach(() => desk.close());

interface Scene {
  readonly open: OpenQuestion;
  readonly address: string;
  readonly url: URL;
  readonly answer: Promise<Answer>;
}

async function page(question: Question = login, limitMs = 600_000): Promise<Scene> {
  desk = new ApprovalDesk({ patienceMs: () => 600_000, openPage: (open) => openOneTimePage(open, lateMs) });
  desk.welcomeVisitors();
  const answer = desk.ask(question, { limitMs });
  const [open] = desk.questions;
  if (open === undefined) throw new Error("nothing is asked");
  const address = await open.page();
  return { open, address, url: new URL(address), answer };
}

/** Waits until nobody listens at the port any more. */
async function closed(url: URL): Promise<void> {
  await eventually("the port to be closed", 30_000, async () => {
    const socket = connect(Number(url.port), url.hostname);
    try {
      await once(socket, "connect");
      return undefined;
    } catch {
      return true;
    } finally {
      socket.destroy();
    }
  });
}

const filled = { field0: "pa%ss & wörd", field1: "123456", action: "answer" };

describe("the one-time page", () => {
  it("asks what is asked, takes the answer once, and is gone", async () => {
    const { address, url, answer, open } = await page();
    const browser = await browse(address);
    expect(browser.first.status).toBe(200);
    expect(browser.first.body).toContain(open.code);
    const thanks = await browser.submit(filled);
    expect([thanks.status, thanks.body.includes("Thank you")]).toEqual([200, true]);
    expect(thanks.body).not.toContain("too few");
    expect(await answer).toEqual({ kind: "answered", values: [filled.field0, filled.field1] });
    await closed(url);
  });

  it("tells who has typed a secret that is too short to be kept out of output", async () => {
    for (const [field0, isShort] of [
      ["12345", true],
      ["123456", false],
      ["", false],
    ] as const) {
      const browser = await browse((await page()).address);
      expect((await browser.submit({ ...filled, field0, field1: "1" })).body.includes("too few")).toBe(isShort);
      desk.close();
    }
  });

  it("runs nothing of what hosts say, and forbids it all the same", async () => {
    const { address } = await page();
    const { first } = await browse(address);
    expect(first.body).not.toMatch(/<script|<img|<b>/);
    expect(first.body).toContain("next line");
    const policy = String(first.headers["content-security-policy"]);
    expect(policy).toMatch(
      /^default-src 'none'; style-src 'nonce-[0-9a-f]{24}'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'$/,
    );
    expect(first.headers["cache-control"]).toBe("no-store");
    expect(first.headers["x-frame-options"]).toBe("DENY");
    expect(first.headers["set-cookie"]?.[0]).toMatch(
      /; HttpOnly; SameSite=Strict; Path=\/ask\/[0-9a-f]{48}; Max-Age=\d+$/,
    );
  });

  it.each([
    ["another origin", { origin: "http://evil.example" }, 403],
    ["no origin", { origin: "" }, 403],
    ["an opaque origin", { origin: "null" }, 403],
    ["another site", { "sec-fetch-site": "cross-site" }, 403],
    ["no cookie", { cookie: "" }, 403],
    ["a wrong cookie", { cookie: "holdfast=00000000000000000000000000000000" }, 403],
    ["another host", { host: "evil.example" }, 421],
    ["a name that points here", { host: "localhost" }, 421],
    ["JSON", { "content-type": "application/json" }, 415],
    ["plain text", { "content-type": "text/plain" }, 415],
  ])("refuses a form with %s", async (_name, headers, status) => {
    const { address, open } = await page();
    const browser = await browse(address);
    expect((await browser.submit(filled, headers)).status).toBe(status);
    expect(open.over.aborted).toBe(false);
    expect((await browser.submit(filled)).status).toBe(200);
  });

  it("refuses a second browser, prefetching, other methods, a wrong token of the form and a wrong path", async () => {
    const { address, url, open } = await page();
    const ahead = await ask(url, { headers: { "sec-purpose": "prefetch" } });
    expect([ahead.status, ahead.headers["set-cookie"]]).toEqual([503, undefined]);
    const browser = await browse(address);
    expect((await ask(url)).status).toBe(403);
    expect((await ask(url, { headers: { cookie: browser.headers["cookie"] ?? "" } })).status).toBe(200);
    expect((await ask(url, { method: "PUT", headers: browser.headers })).status).toBe(405);
    expect((await browser.submit({ ...filled, csrf: "0".repeat(32) })).status).toBe(403);
    expect((await browser.submit({ ...filled, action: "wat" })).status).toBe(400);
    expect((await browser.submit({ ...filled, field0: "two\nlines" })).status).toBe(400);
    expect((await ask(url, { path: "/" })).body).not.toContain("Log in");
    expect((await ask(new URL(`${address}0`))).status).toBe(404);
    expect(open.over.aborted).toBe(false);
  });

  it("closes when somebody looks for its path", async () => {
    const { url, open } = await page();
    for (let n = 0; n < 20; n += 1) expect((await ask(url, { path: `/ask/${n}` })).status).toBe(404);
    await closed(url);
    expect(open.over.aborted).toBe(false);
  });

  it("reads no more than fits into its form", async () => {
    const { address, open, answer } = await page();
    const browser = await browse(address);
    expect((await browser.submit({ ...filled, field1: "x".repeat(20_000) })).status).toBe(413);
    expect((await browser.submit({ ...filled, field1: "x".repeat(5_000) })).status).toBe(400);
    expect(open.over.aborted).toBe(false);
    expect((await browser.submit({ ...filled, field0: "ü".repeat(2_000), field1: "" })).status).toBe(200);
    expect(await answer).toEqual({ kind: "answered", values: ["ü".repeat(2_000), ""] });
  });

  it("is over when the time is up, or when it was answered elsewhere", async () => {
    const { url, answer } = await page(login, 50);
    expect(await answer).toEqual({ kind: "nobody" });
    await closed(url);
    const other = await page();
    const browser = await browse(other.address);
    other.open.answer(["a", "b"]);
    const late = await browser.submit(filled).catch(() => undefined);
    expect(late?.status ?? 410).toBe(410);
    expect(await other.answer).toEqual({ kind: "answered", values: ["a", "b"] });
  });

  it("takes one of two answers that come at once", async () => {
    const { address, answer } = await page();
    const browser = await browse(address);
    const answers = ["one", "two"].map((field0) => browser.submit({ ...filled, field0 }).catch(() => undefined));
    const statuses = (await Promise.all(answers)).map((one) => one?.status ?? 410);
    expect(statuses.filter((status) => status === 200)).toHaveLength(1);
    expect(statuses.filter((status) => status === 410)).toHaveLength(1);
    const { kind } = await answer;
    expect(kind).toBe("answered");
  });

  it("takes a no, and a yes only from its button", async () => {
    const refused = await page();
    expect((await (await browse(refused.address)).submit({ action: "refuse" })).body).toContain("Refused");
    expect(await refused.answer).toEqual({ kind: "refused" });
    const { address, answer } = await page(trust);
    const browser = await browse(address);
    // Enter presses the first button, which must be the safe one.
    expect(browser.first.body).toMatch(/value=refuse[^]*value=answer>Trust it</);
    expect((await browser.submit({})).status).toBe(400);
    expect((await browser.submit({ action: "answer" })).status).toBe(200);
    expect(await answer).toEqual({ kind: "answered", values: [] });
  });
});
