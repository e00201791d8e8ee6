import { createInterface } from "node:readline";
import type { Client } from "@modelcontextprotocol/client";
import { afterEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { eventually } from "../helpers/eventually.ts";
import { eras } from "../mcp/connect.ts";
import { browse } from "./browser.ts";
import { questionScene, type Login } from "./question-scene.ts";

let end: () => Promise<void> = () => Promise.resolve();
afterEach(() => end());

function scene(login: Login, patienceMs?: number): ReturnType<typeof questionScene> {
  const made = questionScene({ login, ...(patienceMs === undefined ? {} : { patienceMs }) });
  end = made.end;
  return made;
}

/** A reply that asks. */
const asking = z.object({ inputRequests: z.record(z.string(), z.unknown()), requestState: z.string() });

/** What a server says, as far as it matters here. */
const heard = z.object({ id: z.unknown(), method: z.string().optional() });

const password = "correct horse";
const code = "314159";
const logins: string[] = [];

/** Two prompts, as a server with a second factor asks them; what was answered must be right. */
const secondFactor: Login = async (people, alias) => {
  const prompts = [
    { text: "Password: ", echo: false },
    { text: "Verification code: ", echo: true },
  ];
  const answers = await people.answerPrompts({
    alias,
    address: "10.0.0.5",
    user: "me",
    login: "1",
    lasting: undefined,
    name: "2FA",
    instructions: "hello",
    prompts,
  });
  logins.push(JSON.stringify(answers));
  if (answers === undefined) throw new Error("nobody answered");
};

const unknownKey: Login = async (people, alias) => {
  const said = await people.confirmHostKey({
    alias,
    address: "10.0.0.5",
    keyType: "ED25519",
    fingerprint: `SHA256:${alias}`,
  });
  if (said !== "yes") throw new Error(`the key: ${said}`);
};

async function run(client: Client, on: string, command = "x"): Promise<string> {
  const result = await client.callTool({ name: "ssh_run", arguments: { on, command } }, { timeout: 60_000 });
  return result.content.map((part) => (part.type === "text" ? part.text : part.type)).join("\n");
}

describe.each(eras)("a client of %s", (_revision, era) => {
  it("sends its person to the page, where both answers of a login are typed", async () => {
    const { client: connect, desk } = scene(secondFactor);
    const client = await connect(era, { elicitation: { url: {} } });
    const asked: unknown[] = [];
    const pages: Promise<unknown>[] = [];
    client.setRequestHandler("elicitation/create", ({ params }) => {
      asked.push(params);
      if (params.mode !== "url") throw new Error("asked by a form");
      const [open] = desk.questions;
      expect(params.message).toContain(open?.code);
      const typing = browse(params.url).then(async (page) => {
        expect(page.first.body).toContain(open?.code);
        return page.submit({ field0: password, field1: code, action: "answer" });
      });
      pages.push(typing);
      return { action: "accept" };
    });
    expect(await run(client, "web1", `echo ${password}`)).toMatch(/^exit 0 .*\nran echo \[secret\]\n$/);
    expect(asked).toHaveLength(1);
    expect(JSON.stringify(asked)).not.toContain("Password:");
    expect(logins.at(-1)).toBe(JSON.stringify([password, code]));
    await Promise.all(pages);
  });

  it("asks for a yes with a form, once for calls in parallel, and only a ticked box is one", async () => {
    const { client: connect } = scene(unknownKey);
    const client = await connect(era, { elicitation: { form: {} } });
    const messages: string[] = [];
    client.setRequestHandler("elicitation/create", async ({ params }) => {
      messages.push(params.message);
      await new Promise((resolve) => setTimeout(resolve, 50));
      return { action: "accept", content: { confirmed: !params.message.includes("no-box") } };
    });
    const replies = await Promise.all([run(client, "web1"), run(client, "web1"), run(client, "web1")]);
    for (const reply of replies) expect(reply).toMatch(/^exit 0 /);
    expect(messages).toHaveLength(1);
    expect(messages[0]).toMatch(/^Is this the host key of web1\?\n[^]*Fingerprint: ED25519 SHA256:web1/);
    expect(await run(client, "no-box")).toContain("the key: no");
    // Nobody is asked again for a while.
    expect(await run(client, "no-box")).toContain("the key: no");
    expect(messages).toHaveLength(2);
  });

  it("whose person declines gets no answer; one that only closes the dialog leaves it to others", async () => {
    const { client: connect, desk } = scene(unknownKey);
    desk.welcomeVisitors();
    const client = await connect(era, { elicitation: {} });
    client.setRequestHandler("elicitation/create", ({ params }) => ({
      action: params.message.includes("declined") ? "decline" : "cancel",
    }));
    expect(await run(client, "declined")).toContain("the key: no");
    const reply = run(client, "closed");
    const open = await eventually("the question to be free", 30_000, () =>
      desk.questions.find((one) => one.holder === undefined),
    );
    expect(open.answer([])).toBe(true);
    expect(await reply).toMatch(/^exit 0 /);
  });

  it("that cannot ask is told what a person can do, and waits for a bounded time", async () => {
    const { client: connect, desk } = scene(secondFactor, 200);
    desk.welcomeVisitors();
    // Forms are not for secrets.
    const client = await connect(era, { elicitation: { form: {} } });
    client.setRequestHandler("elicitation/create", () => {
      throw new Error("asked by a form");
    });
    const progress: string[] = [];
    const result = await client.callTool(
      { name: "ssh_run", arguments: { on: "web1", command: "x" } },
      { timeout: 60_000, onprogress: ({ message }) => void progress.push(message ?? "") },
    );
    expect(result.isError).toBe(true);
    expect(JSON.stringify(result.content)).toMatch(/A person was asked \(Log in to web1\).*holdfast answer/);
    expect(progress[0]).toMatch(/^waiting for a person: Log in to web1 · to answer: holdfast answer/);
  });
});

describe("a client of 2026-07-28", () => {
  const modern = eras[1][1];

  it("may take long, and come back for a call that has gone on meanwhile", async () => {
    const { client: connect, desk, sessions } = scene(unknownKey);
    desk.welcomeVisitors();
    const client = await connect(modern, { elicitation: { form: {} } });
    client.setRequestHandler("elicitation/create", async () => {
      // Somebody else was faster.
      desk.questions[0]?.answer([]);
      await eventually("the command", 30_000, () => (sessions.opened.length > 0 ? true : undefined));
      return { action: "accept", content: { confirmed: false } };
    });
    expect(await run(client, "web1")).toMatch(/^exit 0 /);
    expect(sessions.opened).toHaveLength(1);
  });

  it("cannot go on with another call's question", async () => {
    const { client: connect } = scene(unknownKey);
    const client = await connect(modern, { elicitation: { form: {} } });
    const manual = { allowInputRequired: true, timeout: 60_000 } as const;
    const call = { name: "ssh_run", arguments: { on: "web1", command: "x" } };
    const first = await client.callTool(call, manual);
    const { inputRequests, requestState } = asking.parse(first);
    const [id = ""] = Object.keys(inputRequests);
    const responses = { inputResponses: { [id]: { action: "accept", content: { confirmed: true } } } };
    const other = { ...call, arguments: { on: "web1", command: "rm" }, ...responses, requestState };
    expect(JSON.stringify(await client.callTool(other, manual))).toContain("question of another call");
    const unknown = {
      ...call,
      ...responses,
      requestState: Buffer.from('{"id":"x","sinceMs":1}').toString("base64url"),
    };
    expect(JSON.stringify(await client.callTool(unknown, manual))).toContain("outcome is unknown");
    const same = { ...call, ...responses, requestState };
    expect(JSON.stringify(await client.callTool(same, manual))).toMatch(/exit 0 /);
  });
});

describe("a client of 2025-11-25", () => {
  const legacy = eras[0][1];

  it("is told to put its dialog away when somebody else was faster, and when the call is cancelled", async () => {
    const { client: connect, desk } = scene(unknownKey);
    desk.welcomeVisitors();
    const client = await connect(legacy, { elicitation: { form: {} } });
    const signals: AbortSignal[] = [];
    client.setRequestHandler("elicitation/create", async (_request, context) => {
      signals.push(context.mcpReq.signal);
      await new Promise((resolve) => context.mcpReq.signal.addEventListener("abort", resolve));
      return { action: "cancel" };
    });
    const first = run(client, "web1");
    await eventually("the dialog", 30_000, () => signals[0]);
    desk.questions[0]?.answer([]);
    expect(await first).toMatch(/^exit 0 /);
    await eventually("the dialog to go", 30_000, () => signals[0]?.aborted || undefined);

    const stop = new AbortController();
    const call = { name: "ssh_run", arguments: { on: "web2", command: "x" } };
    const second = client.callTool(call, { signal: stop.signal }).catch(() => "cancelled");
    await eventually("the next dialog", 30_000, () => signals[1]);
    stop.abort("I changed my mind");
    expect(await second).toBe("cancelled");
    await eventually("the next dialog to go", 30_000, () => signals[1]?.aborted || undefined);
  });

  it("cannot answer what another server has asked", async () => {
    const { serve, desk } = scene(unknownKey);
    const { up, down } = serve();
    const lines = createInterface({ input: down })[Symbol.asyncIterator]();
    const hear = async (): Promise<z.output<typeof heard>> =>
      heard.parse(JSON.parse(String((await lines.next()).value)));
    const say = (message: object): void => void up.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
    const hello = {
      protocolVersion: "2025-11-25",
      capabilities: { elicitation: {} },
      clientInfo: { name: "x", version: "1" },
    };
    say({ id: 0, method: "initialize", params: hello });
    await hear();
    say({ method: "notifications/initialized" });
    say({ id: 1, method: "tools/call", params: { name: "ssh_run", arguments: { on: "web1", command: "x" } } });
    const question = await hear();
    expect(question.method).toBe("elicitation/create");
    const yes = { action: "accept", content: { confirmed: true } };
    for (const id of [0, "0", "0123456789abcdef:0"]) say({ id, result: yes });
    say({ id: 2, method: "ping" });
    expect((await hear()).id).toBe(2);
    expect(desk.questions).toHaveLength(1);
    say({ id: question.id, result: yes });
    expect((await hear()).id).toBe(1);
  });
});
