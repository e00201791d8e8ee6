import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { delay } from "../../src/base/index.ts";
import { runToEnd } from "../../src/ssh/channel-outcome.conformance.ts";
import { createSsh2Engine, type ConnectPlan, type PersonQuestions } from "../../src/ssh/index.ts";
import {
  canMakeUsers,
  createLoginUser,
  makeTempDir,
  startOpenSsh,
  type LoginUser,
  type TempDir,
  type TestServer,
} from "../helpers/servers/index.ts";
import { makeCodeSecret, makePamService, type CodeSecret, type PamService } from "./pam-service.ts";
import { planFor } from "./plan.ts";

type Question = Parameters<PersonQuestions["answerPrompts"]>[0];
type Answers = readonly string[] | undefined;

/** A person who answers as told, and remembers what was asked. */
function person(answer: (question: Question, signal?: AbortSignal) => Answers | Promise<Answers>): {
  readonly asked: Question[];
  readonly people: PersonQuestions;
} {
  const asked: Question[] = [];
  return {
    asked,
    people: {
      confirmHostKey: async () => "nobody",
      answerPrompts: async (question, signal) => {
        asked.push(question);
        return answer(question, signal);
      },
    },
  };
}

describe.runIf(canMakeUsers)("what servers ask at the login", () => {
  let user: LoginUser;
  let directory: TempDir;
  let codes: CodeSecret;
  const services: PamService[] = [];
  const servers: TestServer[] = [];
  let twoFactors: TestServer;

  const start = async (auth: readonly string[], config: readonly string[]): Promise<TestServer> => {
    const service = makePamService(auth);
    services.push(service);
    const server = await startOpenSsh({
      loginUser: user,
      pamService: service.name,
      config: ["UsePAM yes", "KbdInteractiveAuthentication yes", ...config],
    });
    servers.push(server);
    return server;
  };
  const logIn = async (
    server: TestServer,
    people: PersonQuestions | undefined,
    changes: Partial<ConnectPlan> = {},
    signal?: AbortSignal,
  ): Promise<void> => {
    const connection = await createSsh2Engine({ people }).connect(
      planFor(server, { identityFiles: [], ...changes }),
      signal,
    );
    try {
      expect((await runToEnd(connection, "exit 3")).end).toEqual({ kind: "exit", status: 3 });
    } finally {
      await connection.close();
    }
  };
  const logged = (server: TestServer, text: RegExp): number => server.log().match(new RegExp(text, "g"))?.length ?? 0;

  beforeAll(async () => {
    user = await createLoginUser();
    directory = makeTempDir();
    codes = makeCodeSecret(directory.path);
    twoFactors = await start(
      ["required pam_unix.so", codes.pamLine],
      ["PasswordAuthentication no", "PubkeyAuthentication no", "AuthenticationMethods keyboard-interactive"],
    );
  });
  afterAll(async () => {
    await Promise.all(servers.map((server) => server.stop()));
    for (const service of services) service.remove();
    directory.remove();
    user.remove();
  });

  it("password and code: the known password answers the first, a person the second", async () => {
    const { asked, people } = person(() => [codes.code()]);
    await logIn(twoFactors, people, { password: user.password });
    expect(asked).toEqual([
      {
        alias: "box",
        address: `127.0.0.1:${twoFactors.port}`,
        name: "",
        instructions: "",
        prompts: [{ text: "Verification code:", echo: false }],
      },
    ]);
  });

  it("with no password known a person answers both", async () => {
    const { asked, people } = person(({ prompts }) =>
      prompts.map(({ text }) => (text.startsWith("Verification") ? codes.code() : user.password)),
    );
    await logIn(twoFactors, people);
    expect(asked.flatMap(({ prompts }) => prompts.map(({ text }) => text))).toEqual([
      expect.stringContaining("assword"),
      "Verification code:",
    ]);
  });

  it("a wrong code: refused, and nothing is asked a second time", async () => {
    const { asked, people } = person(() => ["000000"]);
    await expect(logIn(twoFactors, people, { password: user.password })).rejects.toMatchObject({
      code: "auth_failed",
      message: expect.stringMatching(/Tried: keyboard-interactive; the server takes keyboard-interactive/),
    });
    expect(asked).toHaveLength(1);
  });

  it("nobody to ask, and nobody who answers: the error says what the server asked", async () => {
    const before = logged(twoFactors, /Failed keyboard-interactive/);
    const attempt = { password: user.password };
    await expect(logIn(twoFactors, undefined, attempt)).rejects.toMatchObject({
      code: "auth_failed",
      message: expect.stringMatching(/asks "Verification code:", and there is nobody to answer/),
    });
    const { people } = person(() => undefined);
    await expect(logIn(twoFactors, people, attempt)).rejects.toMatchObject({
      code: "auth_failed",
      message: expect.stringMatching(/asks "Verification code:", and nobody answered/),
    });
    // Given up, not answered with nothing: that would count as a failed attempt.
    expect(logged(twoFactors, /Failed keyboard-interactive/)).toBe(before);
  });

  it("the time a person takes does not count against the connect timeout", async () => {
    const { people } = person(async () => {
      await delay(2500);
      return [codes.code()];
    });
    await logIn(twoFactors, people, { password: user.password, connectTimeoutMs: 2000 });
  });

  it("a server that waits no longer: the question ends, and the error says so", async () => {
    const hasty = await start(
      ["required pam_unix.so", codes.pamLine],
      ["PasswordAuthentication no", "AuthenticationMethods keyboard-interactive", "LoginGraceTime 2"],
    );
    const { people } = person(
      (_question, signal) =>
        new Promise<Answers>((resolve) => signal?.addEventListener("abort", () => resolve(undefined))),
    );
    await expect(logIn(hasty, people, { password: user.password })).rejects.toMatchObject({
      code: "auth_failed",
      message: expect.stringContaining('after it had asked "Verification code:"'),
      hint: expect.stringContaining("LoginGraceTime"),
    });
  });

  it("a caller who gives up ends the question", async () => {
    const caller = new AbortController();
    let ended = false;
    const { people } = person((_question, signal) => {
      signal?.addEventListener("abort", () => {
        ended = true;
      });
      caller.abort();
      return new Promise<Answers>(() => undefined);
    });
    await expect(logIn(twoFactors, people, { password: user.password }, caller.signal)).rejects.toMatchObject({
      code: "cancelled",
    });
    expect(ended).toBe(true);
  });

  it("what the server says is stripped of controls and cut", async () => {
    const notice = join(directory.path, "notice");
    writeFileSync(notice, `\u001B[2J\u001B]0;owned\u0007Welcome \u202Eevil\n${"x".repeat(5000)}\n`);
    const hostile = await start(
      [`optional pam_echo.so file=${notice}`, codes.pamLine],
      ["PasswordAuthentication no", "AuthenticationMethods keyboard-interactive"],
    );
    const { asked, people } = person(() => [codes.code()]);
    await logIn(hostile, people);
    expect(asked[0]?.instructions).toMatch(/^Welcome evil\s+x+$/);
    expect(asked[0]?.instructions.length).toBeLessThanOrEqual(2000);
  });

  it("key and code, key and password, all three: each step in its turn", async () => {
    const { asked, people } = person(() => [codes.code()]);
    const keyAndCode = await start([codes.pamLine], ["AuthenticationMethods publickey,keyboard-interactive"]);
    await logIn(keyAndCode, people, { identityFiles: [{ path: keyAndCode.keyFile, explicit: true }] });
    expect(asked).toHaveLength(1);
    await expect(
      logIn(keyAndCode, undefined, { identityFiles: [{ path: keyAndCode.keyFile, explicit: true }] }),
    ).rejects.toMatchObject({
      code: "auth_failed",
      message: expect.stringMatching(/accepted, but not enough\); the server takes keyboard-interactive/),
    });
    const all = await start(
      ["required pam_unix.so", codes.pamLine],
      ["AuthenticationMethods publickey,keyboard-interactive"],
    );
    await logIn(all, people, {
      identityFiles: [{ path: all.keyFile, explicit: true }],
      password: user.password,
    });
    expect(asked).toHaveLength(2);
  });

  it("PreferredAuthentications: only what it names, in its order", async () => {
    const server = await start(["required pam_unix.so"], ["PasswordAuthentication yes"]);
    const { asked, people } = person(() => [user.password]);
    const password = user.password;
    await logIn(server, people, { password, preferredAuthentications: ["password"] });
    expect(server.log()).toMatch(/Accepted password/);
    await logIn(server, people, { password, preferredAuthentications: ["keyboard-interactive", "password"] });
    expect(server.log()).toMatch(/Accepted keyboard-interactive/);
    const identityFiles = [{ path: server.keyFile, explicit: true }];
    await expect(
      logIn(server, people, { identityFiles, preferredAuthentications: ["hostbased"] }),
    ).rejects.toMatchObject({ code: "auth_failed" });
    expect(server.log()).not.toMatch(/Accepted publickey/);
    expect(asked).toEqual([]);
  });
});
