import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { delay } from "../../src/base/index.ts";
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
  for (let look = 0; look < 100 && !pattern.test(last.text); look += 1) {
    // A screen at rest is answered at once.
    await delay(100);
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
    expect(opened.text, "blanks that fill a row").not.toMatch(/ \n/);
    await type(opened, { keys: ["Down"], text: "" });
    await until(/one\ntwo\nthree/, await type(opened, { text: "othree" }));
    const left = await type(opened, { keys: ["Escape", ":", "w", "q", "Enter"], wait_s: 20 });
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

  it("what reads commands with a line editor: several at once are run one by one", async () => {
    const opened = await bench.run("gdb -q -nx", { ...small, wait_s: 30 });
    await until(
      /6 \* 7\n\$1 = 42\n\(gdb\) print 1 \+ 1\n\$2 = 2\n/,
      await type(opened, { text: "print 6 * 7\nprint 1 + 1\n" }),
    );
    await type(opened, { text: "quit\n", wait_s: 20 });
    expect((await bench.call("ssh_read", { command: opened.id, wait_s: 20 })).state).toBe("exit 0");
  });

  it("a display that is never at rest", async () => {
    const opened = await bench.run("top -d 1", small);
    const shown = await until(/load average/, opened);
    expect(shown.text).toMatch(/\nscreen 60x12 · /);
    await type(opened, { text: "q", wait_s: 20 });
    expect((await bench.call("ssh_read", { command: opened.id })).state).toBe("exit 0");
  });
});

describe("a terminal", () => {
  it("can be given another size, for which its program draws", async () => {
    const opened = await until(/\n11\n/, await bench.run("LESS= less numbers", small));
    const wide = await until(/\n24\n:?$/, await type(opened, { cols: 80, rows: 25, wait_s: 5 }));
    expect(wide.text).toMatch(/ · terminal 80x25, survives disconnects · [^\n]*\nscreen 80x25 · /);
    await until(/\n7\n:?$/, await type(opened, { rows: 8, wait_s: 5 }));
    for (const bad of [0, 1, 100_000, 2.5]) {
      expect((await type(opened, { cols: bad })).text).toMatch(/^bad_input: ssh_input cannot take "cols": /);
    }
    await bench.call("ssh_stop", { command: opened.id, signal: "KILL" });
    const plain = await bench.run("sleep 300", { wait_s: 0 });
    expect((await type(plain, { cols: 80 })).text).toMatch(/^bad_input: box\/\d+ has no terminal, and so no size; /);
    await bench.call("ssh_stop", { command: plain.id });
  });

  it("pastes several lines for a program that wants to know, and types them for any other", async () => {
    const command = (mode: string): string => `stty -echo; printf '${mode}up\\n'; cat -v`;
    const told = await until(/up/, await bench.run(command("\\033[?2004h"), small));
    const pasted = await type(told, { text: "one\n two\u001B[201~\n", wait_s: 5 });
    const screen = await until(/two/, pasted);
    expect(screen.text).toMatch(/\^\[\[200~one\n two\^\[\[201~\n/);
    await until(/\nthree\n/, await type(told, { text: "three\n" }));
    const plain = await until(/up/, await bench.run(command(""), small));
    await until(/\none\ntwo\n/, await type(plain, { text: "one\ntwo\n" }));
    for (const { id } of [told, plain]) await bench.call("ssh_stop", { command: id });
  });

  it("is not let go of while somebody looks at it, though more are looked at than are kept", async () => {
    const warned = vi.spyOn(console, "warn");
    const printing = "n=0; while [ $n -lt 2000 ]; do n=$((n+1)); echo $n; done; echo over";
    const started = await Promise.all(
      Array.from({ length: 9 }, (_, at) => bench.run(`echo; ${printing} ${at}; cat`, { ...small, background: true })),
    );
    const shown = started.map(({ id }) => {
      const resized = bench.call("ssh_input", { command: id, cols: 70, wait_s: 0 });
      const read = { command: id, stream: "screen", until: "text", grep: "^over", wait_s: 60 };
      return Promise.all([bench.call("ssh_read", read), resized]);
    });
    for (const [at, [reply]] of (await Promise.all(shown)).entries()) expect(reply?.text).toContain(`\nover ${at}`);
    expect(warned).not.toHaveBeenCalled();
    for (const { id } of started) await bench.call("ssh_stop", { command: id, signal: "KILL" });
  });

  it("is looked back at, 10,000 lines far", async () => {
    const opened = await bench.run("seq 1 15000; echo over; cat", small);
    await until(/\nover/, opened);
    const read = { command: opened.id, stream: "screen" };
    const last = await bench.call("ssh_read", { ...read, tail: 20 });
    expect(last.text).toMatch(/ · its last 20 rows\n14983\n[^]*\n15000\nover\n$/);
    const all = await bench.call("ssh_read", { ...read, tail: 100_000, max_output: 100_000 });
    expect(all.text).toMatch(/ · its last 1001[12] rows\n49\d\d\n[^]*\n15000\nover\n$/);
    const cut = await bench.call("ssh_read", { ...read, tail: 100, max_output: 400 });
    expect(cut.text).toMatch(/ rows left out\n14\d\d\d\n[^]*\nover\n$/);
    await bench.call("ssh_stop", { command: opened.id });
  });

  it("is read when a line is there that matches, and so is other output", async () => {
    const drawn = await bench.run("sleep 0.5; echo; printf '\\033[1mSer\\033[0mver 12 rea'; printf dy; cat", small);
    const text = { until: "text", grep: "(?i)server \\d+ ready$" };
    const seen = await bench.call("ssh_read", { command: drawn.id, stream: "screen", wait_s: 60, ...text });
    expect(seen.text).toMatch(/\nServer 12 ready/);
    await bench.call("ssh_stop", { command: drawn.id });
    const printed = await bench.run("echo begun; sleep 0.5; printf 'Server 3 ready'; exec sleep 300", { wait_s: 0 });
    const found = await bench.call("ssh_read", { command: printed.id, wait_s: 60, ...text });
    expect(found.text).toMatch(/^running · [^]*\nServer 3 ready/);
    const never = await bench.call("ssh_read", { command: printed.id, until: "text", grep: "never", wait_s: 0.3 });
    expect(never.text).toMatch(/^running · [^\n]*\n0 of 2 lines match/);
    const none = await bench.call("ssh_read", { command: printed.id, until: "text" });
    expect(none.text).toMatch(/^bad_input: until text waits for what grep says, and that is missing\. /);
    await bench.call("ssh_stop", { command: printed.id });
  });
});

it("a command that wants a terminal and has none says how it gets one", async () => {
  const failed = await bench.run("tmux -L none new-session");
  expect(failed.firstLine).toMatch(/^exit 1 · .* · this program wants a terminal: run it with pty$/);
  expect((await bench.run("tmux -L none new-session 2>&1 | cat")).firstLine).toMatch(/· box\/\d+$/);
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
