import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { delay } from "../../src/base/index.ts";
import { Cleanup } from "../helpers/cleanup.ts";
import { eventually } from "../helpers/eventually.ts";
import type { Reply } from "../helpers/reply.ts";
import { openBook } from "../helpers/open-book.ts";
import { keeping, loginWithout } from "./login-without.ts";
import { openLiveBench, type LiveBench } from "../tools/live-bench.ts";

const cleanup = new Cleanup();
let bench: LiveBench;

async function benchOn(shell: string): Promise<LiveBench> {
  const opened = await openLiveBench([`ForceCommand ${loginWithout(cleanup, keeping, shell)}`]);
  cleanup.add(() => opened.remove());
  return opened;
}

beforeAll(async () => {
  bench = await benchOn("/bin/bash");
});
afterAll(() => cleanup.run());

const small = { pty: true, cols: 60, rows: 12, wait_s: 1 };

async function until(pattern: RegExp, reply: Reply): Promise<Reply> {
  let last = reply;
  for (let look = 0; look < 100 && !pattern.test(last.text); look += 1) {
    await delay(100);
    last = await bench.call("ssh_read", { command: reply.id, stream: "screen" });
  }
  expect(last.text).toMatch(pattern);
  return last;
}

const type = (reply: Reply, input: Record<string, unknown>): Promise<Reply> =>
  bench.call("ssh_input", { command: reply.id, ...input });

describe("a terminal on a host that has nothing which keeps one", () => {
  it("is its connection's, and says so before anything else; it has the session's directory, variables", async () => {
    await bench.run('mkdir -p "$HOME/a b\'c" && cd "$HOME/a b\'c" && export FRUIT="ap \'ple" && umask 027');
    const command = 'tty | cut -c-9; stty size; pwd; echo "$FRUIT $TERM"; test -t 0 && exit 7';
    const { firstLine, state, text } = await bench.run(command, { ...small, wait_s: 20 });
    expect(state).toBe("exit 7");
    expect(firstLine).toContain(" · terminal 60x12, gone with the connection");
    expect(text).toMatch(/\n\/dev\/pts\/?\n12 60\n\/[^\n]*\/a b'c\nap 'ple xterm-256color\n$/);
    await bench.run('cd && rmdir "$OLDPWD"');
  });

  it("is drawn, typed into, resized and left as any other", async () => {
    const opened = await until(/\n~ *\n/, await bench.run("vi -u NONE -N", small));
    expect(opened.text).toMatch(/^running · [^\n]*gone with the connection[^\n]*\nscreen 60x12 · /);
    await until(/\nthree/, await type(opened, { text: "ithree", keys: ["Escape"] }));
    const wide = await until(/\nscreen 80x25 · /, await type(opened, { cols: 80, rows: 25 }));
    expect(wide.text).toContain(" · terminal 80x25, gone with the connection · ");
    await until(/lines=25/, await type(opened, { text: ":set lines\n" }));
    const left = await type(opened, { text: ":q!\n", wait_s: 20 });
    const ended = left.state === "running" ? await bench.call("ssh_read", { command: opened.id }) : left;
    expect(ended.state).toBe("exit 0");
    const shell = await bench.run("PS1='b: ' exec bash --norc --noprofile -i", { ...small, wait_s: 30 });
    expect(shell.state).toBe("waiting for input");
    const slept = await type(shell, { text: "echo go; sleep 300\n", wait_s: 1 });
    await until(/\ngo/, slept);
    await type(shell, { keys: ["C-c"], wait_s: 1 });
    const answer = await type(shell, { text: "echo status $?\n", wait_s: 5 });
    expect(answer.text).toMatch(/status 130/);
    expect((await type(shell, { keys: ["C-d"], wait_s: 20 })).state).toMatch(/^exit /);
  });

  it("loses no byte of much output, which can be read again", async () => {
    const { id, state } = await bench.run("seq 1 200000", { ...small, wait_s: 60 });
    expect(state).toBe("exit 0");
    const middle = await bench.call("ssh_read", { command: id, grep: "^10000[0-9]$" });
    expect(middle.text).toMatch(/\n100000\n[^]*\n100009$/);
    const tail = await bench.call("ssh_read", { command: id, tail: 2 });
    expect(tail.text).toMatch(/\n199999\n200000\n$/);
  });

  it("is interrupted, killed and limited, and what runs there is ended with it", async () => {
    const caught = await until(
      /ready/,
      await bench.run("trap 'echo caught; exit 3' INT; echo ready; while :; do sleep 0.1; done", small),
    );
    await bench.call("ssh_stop", { command: caught.id });
    expect((await bench.call("ssh_read", { command: caught.id })).state).toBe("exit 3");
    const killed = await until(/ready/, await bench.run("echo ready; sleep 31.4159; echo never", small));
    await bench.call("ssh_stop", { command: killed.id, signal: "KILL" });
    expect((await bench.call("ssh_read", { command: killed.id })).state).toBe("signal KILL");
    const late = await bench.run("sleep 31.4159", { ...small, timeout_s: 1, wait_s: 30 });
    expect(late.state).toBe("timed out");
    await eventually("nothing is left", 20_000, async () =>
      (await bench.run("pgrep -f '[s]leep 31.4159'")).state === "exit 1" ? true : undefined,
    );
  });

  it("is lost with the connection, and the session goes on", async () => {
    const opened = await until(/ready/, await bench.run("echo ready; sleep 27.1828", small));
    bench.server.killConnections();
    const lost = await bench.call("ssh_read", { command: opened.id, wait_s: 30 });
    expect(lost.firstLine).toMatch(
      /^lost · .* · the connection was lost, and its terminal with it; the outcome is unknown$/,
    );
    await eventually("it is ended", 20_000, async () =>
      (await bench.run("pgrep -f '[s]leep 27.1828'")).state === "exit 1" ? true : undefined,
    );
    const next = await bench.run("echo again", { ...small, wait_s: 20 });
    expect(next.text).toMatch(/^exit 0 · [^]*\nagain\n$/);
    let left = "";
    const looked = eventually("nothing is left", 20_000, async () => {
      left = (await bench.run('cd "$_hf_D" && ls | grep -E "^(b[twvlqpi]|lt)\\."')).stdout;
      return left === "" ? true : undefined;
    });
    await looked.catch(() => undefined);
    expect(left).toBe("");
  });

  it("is another server's there: that knows of it, may end it, and types nothing", async () => {
    const opened = await until(/ready/, await bench.run("echo ready; cat", small));
    const number = Number(opened.id?.split("/")[1]);
    const other = await openBook(bench.server.sshConfigFile, bench.place.store);
    cleanup.add(() => other.remove());
    const found = await (await other.book.get("box")).command(number);
    await eventually("the log was read", 20_000, () => (found.terminal === undefined ? undefined : true));
    expect(found.notes).toEqual([
      "what it showed is known to the server that began it alone",
      "terminal 60x12, gone with the connection",
    ]);
    await expect(found.input("x\r")).rejects.toMatchObject({
      code: "unsupported",
      message: `the terminal of box/${number} belongs to another server's connection`,
    });
    await found.stop("TERM");
    await found.ended(20_000);
    expect(found.state).toEqual({ kind: "signalled", signal: "TERM" });
    expect((await bench.call("ssh_read", { command: opened.id })).state).toMatch(/^(?:exit 143|signal TERM)$/);
  });
});

it.runIf(process.env["HOLDFAST_TERMINALS"] === "full").each(["/bin/dash", "/bin/zsh", "/bin/mksh", "/bin/sh"])(
  "a terminal on such a host is there for a session on %s",
  async (shell) => {
    const place = await benchOn(shell);
    await place.run('cd /usr/lib; export FRUIT="ap \'ple"');
    const reply = await place.run('stty size; pwd; echo "$FRUIT"; exit 7', { ...small, wait_s: 20 });
    expect(reply.text).toMatch(/^exit 7 · [^\n]* gone with the connection\n12 60\n\/usr\/lib\nap 'ple\n$/);
  },
);
