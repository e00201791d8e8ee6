import { describe, expect, it } from "vitest";
import type { Target } from "../../config/index.ts";
import { askFor, askpassEnv } from "./ask-for.ts";
import type { SessionQuestion } from "./password-asks.ts";
import type { SecretQuestion } from "./secret-question.ts";

const question: SessionQuestion = {
  kind: "git",
  form: "secret",
  program: "/usr/bin/git",
  prompt: "Password:",
  command: "git fetch",
  doubt: undefined,
  askerKey: "1.2",
  showOn: async ({ trust, display }, text) => ({ typed: `${text} on ${display ?? "none"}, ${trust}` }),
};

describe("a program of a session that asks", () => {
  const asked: SecretQuestion[] = [];
  const secrets = {
    ask: async (one: SecretQuestion) => {
      asked.push(one);
      return { secret: "s" };
    },
  };
  const ask = (askers: readonly ("ssh" | "git")[], kind: "sudo" | "git") =>
    askIn({ askers, x11: "off" }, { ...question, kind });
  const askIn = (said: Pick<Target, "askers" | "x11">, one: SessionQuestion) =>
    askFor(
      {
        name: "web",
        account: "me@10.0.0.1:2222",
        target: async () => ({
          alias: "web1",
          sudoAskpass: true,
          sudoKey: undefined,
          agentSocket: undefined,
          x11Display: ":5",
          x11Authority: "/a",
          ...said,
        }),
      },
      secrets,
    )(one, new AbortController().signal);

  it("is one that the settings allow, or sudo", async () => {
    expect(await ask(["ssh"], "git")).toEqual({ refused: "the settings let git ask nobody" });
    expect(asked).toEqual([]);
    expect(await ask([], "sudo")).toEqual({ secret: "s" });
    expect(await ask(["git"], "git")).toEqual({ secret: "s" });
    expect(asked[1]).toMatchObject({ ...question, session: "web", user: "me", host: "10.0.0.1:2222" });
  });

  it("may be asked about in a window where the settings say so", async () => {
    asked.length = 0;
    const { signal } = new AbortController();
    for (const x11 of ["off", "trusted"] as const) await askIn({ askers: ["git"], x11 }, question);
    expect(asked[0]?.dialog).toBeUndefined();
    expect(await asked[1]?.dialog?.("shown", signal)).toEqual({ typed: "shown on :5, trusted" });
  });

  it("is not made to ask where none may", () => {
    const elsewhere = { PINENTRY_USER_DATA: "holdfast:" };
    const plain = { sudoAskpass: true, sudoKey: undefined };
    expect(askpassEnv({ ...plain, askers: [] })).toEqual({ SSH_ASKPASS_REQUIRE: "never", ...elsewhere });
    expect(askpassEnv({ ...plain, askers: ["git"] })).toEqual(elsewhere);
    expect(askpassEnv({ ...plain, askers: ["git", "gpg"] })).toEqual({});
    expect(askpassEnv({ askers: ["git", "gpg"], sudoAskpass: false, sudoKey: "/k" })).toEqual({
      HOLDFAST_SUDO: "stdin",
      HOLDFAST_SUDO_KEY: "1",
    });
  });
});
