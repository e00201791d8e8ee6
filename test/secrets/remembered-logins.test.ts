import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { ApprovalDesk } from "../../src/approvals/index.ts";
import { openConfig } from "../../src/config/index.ts";
import { askPeople } from "../../src/people.ts";
import { SecretBroker } from "../../src/secrets/index.ts";
import { createOpenSshEngine, createSsh2Engine, type ConnectPlan, type SshEngine } from "../../src/ssh/index.ts";
import { Cleanup } from "../helpers/cleanup.ts";
import {
  canMakeUsers,
  createLoginUser,
  startOpenSsh,
  type LoginUser,
  type TestServer,
} from "../helpers/servers/index.ts";
import { planFor } from "../ssh/plan.ts";

const all = new Cleanup();
afterAll(() => all.run());

const engines = [
  ["our own engine", createSsh2Engine],
  ["the system's ssh", createOpenSshEngine],
] as const;

describe.runIf(canMakeUsers)("what a person types at a login", () => {
  let user: LoginUser;
  let server: TestServer;
  let desk: ApprovalDesk;
  let broker: SecretBroker;
  /** What a person types, in this order; `asked` is what each question wanted. */
  let typed: string[];
  let asked: string[];
  const over = new AbortController();

  const person = async (at: ApprovalDesk): Promise<void> => {
    while (!over.signal.aborted) {
      for (const open of at.questions) {
        const { question } = open;
        asked.push(question.kind === "fields" ? (question.fields[0]?.label ?? "") : question.title);
        open.answer([typed.shift() ?? "nothing left"]);
      }
      await at.changed(1_000, over.signal);
    }
  };
  const logIn = async (engine: SshEngine, changes: Partial<ConnectPlan> = {}): Promise<void> => {
    const connection = await engine.connect(planFor(server, { identityFiles: [], ...changes }));
    await connection.close();
  };

  beforeAll(async () => {
    user = await createLoginUser();
    all.add(() => user.remove());
    server = await startOpenSsh({
      loginUser: user,
      config: ["PasswordAuthentication yes", "KbdInteractiveAuthentication no"],
    });
    all.add(() => server.stop());
    all.add(() => over.abort());
  });
  beforeEach(() => {
    desk = new ApprovalDesk({ patienceMs: () => 60_000 });
    desk.welcomeVisitors();
    broker = new SecretBroker({ desk, config: openConfig({ HOLDFAST_CONFIG_DIR: server.directory }) });
    [typed, asked] = [[], []];
    void person(desk);
  });
  afterEach(() => {
    desk.close();
    broker.close();
  });

  it.each(engines)(
    "is remembered when it was right, and for logins at a time asked once: %s",
    async (_name, create) => {
      const engine = create({ people: askPeople(desk, broker) });
      typed.push("wrong", user.password);
      await expect(logIn(engine)).rejects.toMatchObject({ code: "auth_failed" });
      await Promise.all([logIn(engine), logIn(engine)]);
      await logIn(engine);
      expect(asked).toHaveLength(2);
    },
  );

  it("is forgotten when the server refuses it", async () => {
    const engine = createSsh2Engine({ people: askPeople(desk, broker) });
    typed.push(user.password);
    await logIn(engine);
    const changed = `${user.password}-2`;
    const setPassword = (password: string): void => {
      execFileSync("chpasswd", { input: `${user.name}:${password}\n` });
    };
    setPassword(changed);
    try {
      await expect(logIn(engine)).rejects.toMatchObject({ code: "auth_failed" });
      typed.push(changed);
      await logIn(engine);
      await logIn(engine);
      expect(asked).toHaveLength(2);
    } finally {
      setPassword(user.password);
    }
  });

  it.each(engines)("is remembered for a key file, too: %s", async (name, create) => {
    const path = join(server.directory, `locked-${name.length}`);
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "open sesame", "-f", path]);
    user.authorize(readFileSync(`${path}.pub`, "utf8"));
    const engine = create({ people: askPeople(desk, broker) });
    typed.push("wrong", "open sesame");
    await logIn(engine, { identityFiles: [{ path, explicit: true }] });
    await logIn(engine, { identityFiles: [{ path, explicit: true }] });
    expect(asked).toEqual([`Passphrase of ${path}`, `Passphrase of ${path} (the one before was wrong)`]);
  });
});
