import { execFileSync } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { delay } from "../../src/base/index.ts";
import { runToEnd } from "../../src/ssh/channel-outcome.conformance.ts";
import { createEngine, createSsh2Engine, type ConnectPlan, type PersonQuestions } from "../../src/ssh/index.ts";
import { eventually } from "../helpers/eventually.ts";
import {
  canMakeUsers,
  createLoginUser,
  makeKeyPair,
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
        user: user.name,
        login: expect.any(String),
        lasting: undefined,
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
    // The server writes it down when it likes; the next test counts.
    await eventually(
      "the failure in the log",
      10_000,
      () => logged(twoFactors, /Failed keyboard-interactive/) || undefined,
    );
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

  describe("what only a person knows", () => {
    let server: TestServer;
    const makeKey = (name: string, ...more: readonly string[]): string => {
      const path = join(directory.path, name);
      execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "open sesame", "-f", path, ...more]);
      return path;
    };

    beforeAll(async () => {
      const service = makePamService(["required pam_unix.so"]);
      services.push(service);
      server = await startOpenSsh({
        loginUser: user,
        pamService: service.name,
        config: ["UsePAM yes", "PasswordAuthentication yes", "KbdInteractiveAuthentication no"],
      });
      servers.push(server);
    });

    it("the password, asked for with user and address; and a wrong one is not tried again", async () => {
      const { asked, people } = person(() => [asked.length === 1 ? user.password : "wrong"]);
      await logIn(server, people);
      expect(asked).toEqual([
        {
          alias: "box",
          address: `127.0.0.1:${server.port}`,
          user: user.name,
          login: expect.any(String),
          lasting: { kind: "password", what: `Password of ${user.name}` },
          name: "",
          instructions: "",
          prompts: [{ text: `Password of ${user.name}`, echo: false }],
        },
      ]);
      await expect(logIn(server, people)).rejects.toMatchObject({
        code: "auth_failed",
        message: expect.stringMatching(/Tried: password; the server takes publickey, ?password/),
        hint: expect.stringContaining("refused is not tried again"),
      });
      expect(asked).toHaveLength(2);
      expect(logged(server, /Failed password/)).toBe(1);
    });

    it("nobody answers: what was tried, and what to do", async () => {
      const failed = logged(server, /Failed password/);
      const { asked, people } = person(() => undefined);
      const locked = makeKey("nobody");
      user.authorize(readFileSync(`${locked}.pub`, "utf8"));
      await expect(logIn(server, people, { identityFiles: [{ path: locked, explicit: true }] })).rejects.toMatchObject({
        code: "auth_failed",
        message: expect.stringMatching(/nobody \(nobody gave its passphrase\)/),
        hint: expect.stringMatching(/holdfast answer.*ssh-add.*password_command/),
      });
      expect(asked).toHaveLength(1);
      await expect(logIn(server, people)).rejects.toMatchObject({
        message: expect.stringContaining("password (nobody typed it)"),
      });
      expect(logged(server, /Failed password/)).toBe(failed);
    });

    it("the passphrase of a key that the server takes, once more after a wrong one", async () => {
      const locked = makeKey("locked");
      user.authorize(readFileSync(`${locked}.pub`, "utf8"));
      const { asked, people } = person(() => [asked.length % 2 === 1 ? "wrong" : "open sesame"]);
      const identityFiles = [{ path: locked, explicit: true }];
      await logIn(server, people, { identityFiles });
      expect(asked.map(({ prompts }) => prompts[0]?.text)).toEqual([
        `Passphrase of ${locked}`,
        `Passphrase of ${locked} (the one before was wrong)`,
      ]);
      expect(server.log()).toMatch(/Accepted publickey/);
      const mistyping = person(({ prompts }) => (prompts[0]?.text.startsWith("Pass") === true ? ["wrong"] : undefined));
      await expect(
        logIn(server, mistyping.people, { identityFiles, preferredAuthentications: ["publickey"] }),
      ).rejects.toMatchObject({ message: expect.stringContaining("locked (its passphrase was wrong)") });
      expect(mistyping.asked).toHaveLength(2);
    });

    it.each(["PEM", "PKCS8"])("the passphrase of a file that does not tell which key it holds: %s", async (format) => {
      const sealed = makeKey(`sealed-${format}`, "-t", "ecdsa", "-m", format);
      user.authorize(readFileSync(`${sealed}.pub`, "utf8"));
      rmSync(`${sealed}.pub`);
      const right = person(() => [right.asked.length === 1 ? "wrong" : "open sesame"]);
      await logIn(server, right.people, { identityFiles: [{ path: sealed, explicit: true }] });
      expect(right.asked.map(({ prompts }) => prompts[0]?.text)).toEqual([
        `Passphrase of ${sealed}`,
        `Passphrase of ${sealed} (the one before was wrong)`,
      ]);
      // Only after what needs nobody; with ssh it is one file more for it to try.
      const stranger = makeKeyPair(join(directory.path, `before-${format}`)).file;
      for (const engine of ["ssh2", "openssh"] as const) {
        const accepted = logged(server, /Accepted publickey/);
        const { asked, people } = person(() => ["open sesame"]);
        const identityFiles = [sealed, stranger].map((path) => ({ path, explicit: false }));
        const plan = planFor(server, { engine, identityFiles });
        await (await createEngine({ people }).connect(plan)).close();
        expect(asked.map(({ prompts }) => prompts[0]?.text)).toEqual([`Passphrase of ${sealed}`]);
        expect(logged(server, /Accepted publickey/)).toBe(accepted + 1);
      }
    });

    it("nobody opens such a file: it was tried, and the login goes on", async () => {
      const sealed = makeKey("sealed-shut", "-t", "ecdsa", "-m", "PEM");
      rmSync(`${sealed}.pub`);
      const identityFiles = [{ path: sealed, explicit: true }];
      for (const engine of ["ssh2", "openssh"] as const) {
        const { asked, people } = person(() => undefined);
        const plan = planFor(server, { engine, identityFiles, preferredAuthentications: ["publickey"] });
        await expect(createEngine({ people }).connect(plan)).rejects.toMatchObject({
          code: "auth_failed",
          message: expect.stringContaining(`Tried: ${sealed} (nobody gave its passphrase)`),
        });
        expect(asked).toHaveLength(1);
      }
      await expect(logIn(server, undefined, { identityFiles })).rejects.toMatchObject({ code: "key_unreadable" });
    });

    it("nobody is asked for the passphrase of a key that the server does not take", async () => {
      const stranger = makeKey("stranger");
      const { asked, people } = person(() => [user.password]);
      await logIn(server, people, { identityFiles: [{ path: stranger, explicit: false }] });
      expect(asked.map(({ prompts }) => prompts[0]?.text)).toEqual([`Password of ${user.name}`]);
    });
  });
});
