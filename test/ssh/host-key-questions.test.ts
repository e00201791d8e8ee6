import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { confirmHostKeys } from "../../src/sessions/connections/confirm-host-key.ts";
import { createSsh2Engine, type ConnectPlan, type PersonQuestions, type SshEngine } from "../../src/ssh/index.ts";
import {
  makeKeyPair,
  makeTempDir,
  startOpenSsh,
  waitUntil,
  type TempDir,
  type TestServer,
} from "../helpers/servers/index.ts";
import { planFor } from "./plan.ts";

type Question = Parameters<PersonQuestions["confirmHostKey"]>[0];
type Answer = Awaited<ReturnType<PersonQuestions["confirmHostKey"]>>;

/** A person who answers as told, and remembers what was asked. */
function person(answer: (question: Question, signal?: AbortSignal) => Answer | Promise<Answer>): {
  readonly asked: Question[];
  readonly people: PersonQuestions;
} {
  const asked: Question[] = [];
  return {
    asked,
    people: {
      confirmHostKey: async (question, signal) => {
        asked.push(question);
        return answer(question, signal);
      },
      answerPrompts: async () => undefined,
    },
  };
}

describe("unknown host keys and a person", () => {
  let server: TestServer;
  let directory: TempDir;
  let files = 0;
  /** Nothing is known, and whatever is learned goes to a file of this plan alone. */
  const newPlan = (changes: Partial<ConnectPlan> = {}): ConnectPlan => {
    files += 1;
    return planFor(server, {
      knownHostsFiles: [],
      ownKnownHostsFile: join(directory.path, `own-${files}`, "known_hosts"),
      ...changes,
    });
  };
  /** An engine that counts the unknown keys that it has told of: whoever was told of one waits for the answer. */
  const counting = (): { readonly engine: SshEngine; told: number } => {
    const real = createSsh2Engine();
    const counted = {
      told: 0,
      engine: {
        connect: async (...args: Parameters<SshEngine["connect"]>) => {
          try {
            return await real.connect(...args);
          } catch (error) {
            counted.told += 1;
            throw error;
          }
        },
      },
    };
    return counted;
  };
  const ownFile = (plan: ConnectPlan): string => plan.ownKnownHostsFile ?? "";

  beforeAll(async () => {
    directory = makeTempDir();
    server = await startOpenSsh();
  });
  afterAll(async () => {
    await server.stop();
    directory.remove();
  });

  it("yes: exactly that key is kept, the login goes on, and nobody is asked again", async () => {
    const { asked, people } = person(() => "yes");
    const engine = confirmHostKeys(createSsh2Engine(), people);
    const plan = newPlan();
    await (await engine.connect(plan)).close();
    expect(asked).toEqual([
      {
        alias: "box",
        address: `127.0.0.1:${server.port}`,
        keyType: "ED25519",
        fingerprint: expect.stringMatching(/^SHA256:/),
      },
    ]);
    expect(readFileSync(ownFile(plan), "utf8")).toBe(`${server.hostKeyLine}\n`);
    await (await engine.connect(plan)).close();
    expect(asked).toHaveLength(1);
  });

  it("no: refused, nothing is kept, and not asked again at once", async () => {
    const { asked, people } = person(() => "no");
    const engine = confirmHostKeys(createSsh2Engine(), people);
    const plan = newPlan();
    for (let attempt = 0; attempt < 2; attempt += 1) {
      await expect(engine.connect(plan)).rejects.toMatchObject({
        code: "host_key_unknown",
        message: expect.stringContaining("a person said no"),
      });
    }
    expect(asked).toHaveLength(1);
    expect(existsSync(ownFile(plan))).toBe(false);
  });

  it("nobody: refused, with the command that would do", async () => {
    const { asked, people } = person(() => "nobody");
    const engine = confirmHostKeys(createSsh2Engine(), people);
    await expect(engine.connect(newPlan())).rejects.toMatchObject({
      code: "host_key_unknown",
      hint: expect.stringContaining("holdfast trust box"),
    });
    expect(asked).toHaveLength(1);
  });

  it("many connections at once are one question", async () => {
    const inner = counting();
    const { asked, people } = person(async (): Promise<Answer> => {
      await waitUntil("all have been refused", () => inner.told === 5);
      return "yes";
    });
    const engine = confirmHostKeys(inner.engine, people);
    const plan = newPlan();
    const connections = await Promise.all(Array.from({ length: 5 }, () => engine.connect(plan)));
    expect(asked).toHaveLength(1);
    expect(readFileSync(ownFile(plan), "utf8")).toBe(`${server.hostKeyLine}\n`);
    await Promise.all(connections.map((connection) => connection.close()));
  });

  it("the question ends when nobody waits for it any more; the others go on waiting", async () => {
    let signalOfQuestion: AbortSignal | undefined;
    const { asked, people } = person(
      (_question, signal) =>
        new Promise<Answer>((resolve) => {
          signalOfQuestion = signal;
          signal?.addEventListener("abort", () => resolve("nobody"));
        }),
    );
    const inner = counting();
    const engine = confirmHostKeys(inner.engine, people);
    const plan = newPlan();
    const [first, second] = [new AbortController(), new AbortController()];
    const attempts = [first, second].map((one) => engine.connect(plan, one.signal).catch((error: unknown) => error));
    await waitUntil("the question", () => asked.length === 1 && inner.told === 2);
    first.abort();
    expect(await attempts[0]).toMatchObject({ code: "cancelled" });
    expect(signalOfQuestion?.aborted).toBe(false);
    second.abort();
    expect(await attempts[1]).toMatchObject({ code: "cancelled" });
    expect(signalOfQuestion?.aborted).toBe(true);
  });

  it("who comes when a question has just ended for want of anybody waiting is asked anew", async () => {
    const caller = new AbortController();
    const { asked, people } = person((_question, signal) => {
      if (asked.length > 1) return "yes";
      return new Promise<Answer>((resolve) => signal?.addEventListener("abort", () => resolve("nobody")));
    });
    // The second is told of the unknown key in the very moment in which the first gives up.
    let joins: (() => void) | undefined;
    const real = createSsh2Engine();
    const engine = confirmHostKeys(
      {
        connect: async (...args) => {
          try {
            return await real.connect(...args);
          } catch (error) {
            if (joins !== undefined) await new Promise<void>((resolve) => (joins = resolve));
            throw error;
          }
        },
      },
      people,
    );
    const plan = newPlan();
    const first = engine.connect(plan, caller.signal).catch((error: unknown) => error);
    await waitUntil("the question", () => asked.length === 1);
    let held = false;
    joins = () => undefined;
    const nothing = joins;
    const second = engine.connect(plan);
    await waitUntil("the second to be held", () => (held = joins !== nothing));
    expect(held).toBe(true);
    caller.abort();
    joins();
    joins = undefined;
    expect(await first).toMatchObject({ code: "cancelled" });
    await (await second).close();
    expect(asked).toHaveLength(2);
  });

  it.each(["strict", "accept-new"] as const)("%s asks nobody", async (unknownHostKey) => {
    const { asked, people } = person(() => "yes");
    const engine = confirmHostKeys(createSsh2Engine(), people);
    const plan = newPlan({ unknownHostKey });
    if (unknownHostKey === "strict") {
      await expect(engine.connect(plan)).rejects.toMatchObject({ code: "host_key_unknown" });
    } else await (await engine.connect(plan)).close();
    expect(asked).toEqual([]);
  });

  it("a changed key is no question", async () => {
    const { asked, people } = person(() => "yes");
    const engine = confirmHostKeys(createSsh2Engine(), people);
    const plan = newPlan();
    const other = makeKeyPair(join(directory.path, "other")).publicLine.split(" ").slice(0, 2).join(" ");
    const known = join(directory.path, "changed");
    writeFileSync(known, `[127.0.0.1]:${server.port} ${other}\n`);
    await expect(engine.connect({ ...plan, knownHostsFiles: [known] })).rejects.toMatchObject({
      code: "host_key_changed",
    });
    expect(asked).toEqual([]);
  });
});
