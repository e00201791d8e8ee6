import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Reply } from "../helpers/reply.ts";
import { openLiveBench, type LiveBench } from "../tools/live-bench.ts";

let bench: LiveBench;
beforeAll(async () => {
  bench = await openLiveBench();
  await bench.run("mkdir -p screens && cd screens && seq 1 500 >numbers && printf 'one\\ntwo\\n' >text");
});
afterAll(async () => {
  await bench.run("cd && rm -rf screens");
  await bench.remove();
});

const small = { pty: true, cols: 60, rows: 12, wait_s: 1 };

/** Calls until what is shown matches: a busy machine draws late. */
async function until(pattern: RegExp, reply: Reply): Promise<Reply> {
  let last = reply;
  for (let look = 0; look < 30 && !pattern.test(last.text); look += 1) {
    last = await bench.call("ssh_read", { command: reply.id, stream: "screen" });
  }
  expect(last.text).toMatch(pattern);
  return last;
}

const type = (reply: Reply, input: Record<string, unknown>): Promise<Reply> =>
  bench.call("ssh_input", { command: reply.id, ...input });

describe("an agent drives", () => {
  it("an editor: types, moves, saves and leaves", async () => {
    const opened = await until(/one\ntwo\n~/, await bench.run("vi -u NONE text", small));
    expect(opened.text).toMatch(/\nscreen 60x12 · cursor 1,1 · alternate\b/);
    await type(opened, { keys: ["Down"], text: "" });
    await until(/one\ntwo\nthree/, await type(opened, { text: "othree", keys: ["Escape"] }));
    const left = await type(opened, { text: ":wq\n", wait_s: 20 });
    const ended = left.state === "running" ? await bench.call("ssh_read", { command: opened.id }) : left;
    expect(ended.state).toBe("exit 0");
    expect((await bench.run("cat text")).stdout).toBe("one\ntwo\nthree\n");
  });

  it("a pager, and sees only the rows that have changed", async () => {
    const opened = await until(/\n11\n/, await bench.run("LESS= less numbers", small));
    await until(/\n245\n/, await type(opened, { text: "245g" }));
    const shown = await bench.call("ssh_read", { command: opened.id, stream: "screen" });
    const from = Number(/"from":(\d+)/.exec(shown.firstLine)?.[1]);
    const same = await bench.call("ssh_read", { command: opened.id, stream: "screen", from });
    expect(same.text).toMatch(/· 0 rows changed$/);
    await type(opened, { keys: ["End"], text: "" });
    await type(opened, { text: "q" });
    const ended = await bench.call("ssh_read", { command: opened.id });
    expect(ended.state).toBe("exit 0");
  });

  it("an interpreter, as text, and is told when it waits", async () => {
    const opened = await bench.run("python3 -q -i -c 'import sys; sys.ps1=\"py> \"'", { ...small, wait_s: 30 });
    expect(opened.state).toBe("waiting for input");
    const answer = await type(opened, { text: "6 * 7\n", wait_s: 20 });
    expect(answer.text).toMatch(/\n42\n/);
    const ended = await type(opened, { keys: ["C-d"], wait_s: 20 });
    const last = ended.state === "exit 0" ? ended : await bench.call("ssh_read", { command: opened.id });
    expect(last.state).toBe("exit 0");
  });

  it("a display that is never at rest", async () => {
    const opened = await bench.run("top -d 1", small);
    const shown = await until(/load average/, opened);
    expect(shown.text).toMatch(/\nscreen 60x12 · /);
    await type(opened, { text: "q", wait_s: 20 });
    expect((await bench.call("ssh_read", { command: opened.id })).state).toBe("exit 0");
  });
});

it("a command without a terminal has no screen, and a key that is none is refused", async () => {
  const plain = await bench.run("true");
  const refused = await bench.call("ssh_read", { command: plain.id, stream: "screen" });
  expect(refused.text).toMatch(/^unsupported: box\/\d+ has no terminal, and so no screen\. /);
  const opened = await bench.run("cat", { ...small, wait_s: 0 });
  expect((await type(opened, { keys: ["Return"] })).text).toMatch(
    /^bad_input: there is no key "Return"; nothing was typed\. /,
  );
  await bench.call("ssh_stop", { command: opened.id });
});
