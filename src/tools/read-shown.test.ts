import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MemoryCommand } from "../../test/mcp/memory-sessions.ts";
import { Redactor } from "../secrets/index.ts";
import { renderOutput, type RenderedOutput } from "./render-output.ts";

/** Of letters that nothing else here has. */
const secret = "qzjxkvwpyu";
const ofSecret = /[qzjxkvwpyu]/g;

const redactor = new Redactor();
redactor.learn(secret);
const redact = Object.assign((text: string) => redactor.redact(text), { borders: redactor });

function show(command: MemoryCommand, from: number, budget = 100_000): Promise<RenderedOutput> {
  return renderOutput({
    command,
    final: command.state.kind !== "running",
    from: { stdout: from, stderr: 0 },
    streams: "stdout",
    budget,
    raw: true,
    redact,
  });
}

/** Ordinary output, with secrets in it. */
const output = fc.array(fc.constantFrom("a", "bc ", "é", "\n", "defgh", secret, secret), { maxLength: 30 });

describe("output that is shown piece by piece", () => {
  it("has no secret in it when it is read from anywhere", async () => {
    await fc.assert(
      fc.asyncProperty(output, fc.nat(200), async (words, at) => {
        const command = new MemoryCommand("web1", 1, "x").print(words.join("")).end(0);
        const from = Math.min(at, command.stdoutBytes);
        expect((await show(command, from)).text).not.toMatch(ofSecret);
      }),
    );
  });

  it("shows no more of a secret that comes in parts than its first three letters", async () => {
    await fc.assert(
      fc.asyncProperty(output, fc.array(fc.nat(200), { maxLength: 8 }), async (words, cuts) => {
        const bytes = Buffer.from(words.join(""));
        const command = new MemoryCommand("web1", 1, "x");
        let [shown, from, at] = ["", 0, 0];
        for (const cut of [...cuts.toSorted((one, other) => one - other), bytes.length]) {
          command.print(bytes.subarray(at, Math.max(at, cut)));
          at = Math.max(at, cut);
          const reply = await show(command, from);
          shown += reply.text;
          from = reply.shown.stdout;
        }
        command.end(0);
        shown += (await show(command, from)).text;
        const parts = shown.match(/[qzjxkvwpyu]+/g) ?? [];
        expect(parts.every((part) => part.length < 4)).toBe(true);
        expect(parts.length).toBeLessThanOrEqual(words.filter((word) => word === secret).length);
        expect(shown.replaceAll(/\*+|\[secret\]|[qzjxkvwpyu]/g, "")).toBe(words.join("").replaceAll(secret, ""));
      }),
    );
  });

  it("has none where it is cut to fit, or where somebody reads from inside of one that has not come whole", async () => {
    const long = `${"a".repeat(300)}${secret.repeat(40)}${"b".repeat(300_000)}${secret.repeat(40)}${"c".repeat(200)}`;
    const command = new MemoryCommand("web1", 1, "x").print(long);
    for (const budget of [600, 700, 900, 1_500]) {
      for (const from of [0, 305]) {
        const { text } = await show(command, from, budget);
        expect(text.replace(/^\.\.\. .* \.\.\.$/m, "")).not.toMatch(ofSecret);
      }
    }
    const half = new MemoryCommand("web1", 1, "x").print(`hello ${secret.slice(0, 8)}`);
    expect(await show(half, 9)).toMatchObject({ text: "", shown: { stdout: 9 } });
    expect((await show(half, 0)).text).toBe("hello ");
    half.print(secret.slice(8)).end(0);
    expect((await show(half, 6)).text).toBe("[secret]");
  });
});
