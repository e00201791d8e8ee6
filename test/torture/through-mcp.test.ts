import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { randomHex } from "../../src/base/index.ts";
import { Cleanup } from "../helpers/cleanup.ts";
import { Holdfast } from "../helpers/holdfast.ts";
import { createPrivatePlace } from "../helpers/private-place.ts";
import type { Reply } from "../helpers/reply.ts";
import { startOpenSsh } from "../helpers/servers/index.ts";

const cleanup = new Cleanup();
const session = `mcp${randomHex(4)}`;
let holdfast: Holdfast | undefined;

function server(): Holdfast {
  if (holdfast === undefined) throw new Error("the server was not started");
  return holdfast;
}

beforeAll(async () => {
  const sshd = await startOpenSsh();
  cleanup.add(() => sshd.stop());
  const place = await createPrivatePlace(sshd.sshConfigFile);
  cleanup.add(() => place.remove());
  holdfast = await Holdfast.start(place);
  cleanup.add(() => server().stop());
  cleanup.add(() => server().closeSession(session));
  const opened = await server().call("ssh_open", { target: sshd.alias, name: session });
  expect(opened.firstLine).toMatch(/^open · \S+ · .+ · survives disconnects: yes/);
});

afterAll(() => cleanup.run());

interface McpCase {
  readonly command: string;
  readonly more?: Record<string, unknown>;
  readonly reply: Partial<Reply>;
}

const cases: Readonly<Record<string, McpCase>> = {
  "empty output": { command: "true", reply: { state: "exit 0", stdout: "", stderr: "" } },
  "stderr apart": {
    command: "echo o; echo e >&2; (exit 3)",
    reply: { state: "exit 3", isError: false, stdout: "o\n", stderr: "e\n" },
  },
  "stderr only": { command: "echo e >&2", reply: { state: "exit 0", stdout: "", stderr: "e\n" } },
  heredoc: { command: "cat <<'EOT'\n$x 'a' \"b\" `c`\nEOT", reply: { state: "exit 0", stdout: "$x 'a' \"b\" `c`\n" } },
  unicode: { command: "echo 'żółć 日本 🚀'", reply: { state: "exit 0", stdout: "żółć 日本 🚀\n" } },
  "100 KB command": {
    command: `printf %s '${"x".repeat(100_000)}' | wc -c`,
    reply: { state: "exit 0", stdout: "100000\n" },
  },
  stdin: { command: "cat; echo end", more: { stdin: "a\nb\n" }, reply: { state: "exit 0", stdout: "a\nb\nend\n" } },
  "prompts and passwords": {
    command: "echo 'root@host:~# '; echo 'Password: '; (exit 4)",
    reply: { state: "exit 4", stdout: "root@host:~# \nPassword: \n" },
  },
  "progress lines are collapsed": {
    command: String.raw`printf '10%%\r50%%\r100%%\n'`,
    reply: { state: "exit 0", stdout: "100%\n" },
  },
  "escape sequences are stripped": {
    command: String.raw`printf '\033[31mred\033[0m\n'`,
    reply: { state: "exit 0", stdout: "red\n" },
  },
  "kill -9 of the shell": { command: "echo pre; kill -9 $$", reply: { state: "exit 137", stdout: "pre\n" } },
  "exit of the shell": { command: "echo pre; exit 7", reply: { state: "exit 7", stdout: "pre\n" } },
  timeout: { command: "echo pre; sleep 60", more: { timeout_s: 1 }, reply: { state: "timed out", stdout: "pre\n" } },
  "directory for one command": {
    command: "pwd",
    more: { cwd: "/usr/lib" },
    reply: { state: "exit 0", stdout: "/usr/lib\n" },
  },
};

describe("torture through MCP", { retry: 0 }, () => {
  test.each(Object.entries(cases))("%s", async (_name, { command, more, reply }) => {
    expect(await server().run(session, command, more)).toMatchObject(reply);
    expect(await server().run(session, "echo alive")).toMatchObject({ state: "exit 0", stdout: "alive\n", stderr: "" });
  });

  test("a long output is cut in the middle, and the rest can be had", async () => {
    const reply = await server().run(session, "seq 1 100000");
    expect(reply.state).toBe("exit 0");
    expect(reply.text.length).toBeLessThan(10_000);
    const cut =
      /^\.\.\. (?<characters>[\d,]+) characters \((?<lines>[\d,]+) lines?\) left out · next: ssh_read (?<args>\{.*\}) \.\.\.$/m.exec(
        reply.text,
      )?.groups;
    const numbers = reply.stdout.split("\n");
    expect(numbers[0]).toBe("1");
    expect(reply.stdout.trimEnd().endsWith("\n100000")).toBe(true);
    const args: unknown = JSON.parse(cut?.["args"] ?? "null");
    expect(args).toMatchObject({ command: reply.id });
    const more = await server().call("ssh_read", Object.fromEntries(Object.entries(args ?? {})));
    const before = reply.stdout.slice(0, reply.stdout.indexOf("... ")).trimEnd().split("\n").at(-1);
    expect(more.stdout.split("\n")[0]).toBe(String(Number(before) + 1));
  });

  test("a session keeps its state, and its place is told", async () => {
    await server().run(session, "cd /usr/lib && export A=1 && b=2");
    const reply = await server().run(session, 'echo "$A$b"');
    expect(reply).toMatchObject({ stdout: "12\n", place: `${session}:/usr/lib` });
  });

  test("a command that does not end is handed over, and others are answered meanwhile", async () => {
    const running = await server().run(session, "echo begin; sleep 3; echo end", { wait_s: 0.5 });
    expect(running).toMatchObject({ state: "running", stdout: "begin\n" });
    expect(running.next).toMatchObject({ tool: "ssh_read", args: { command: running.id } });
    const waiting = server().call("ssh_read", { ...running.next?.args, wait_s: 30 });
    expect((await server().call("ssh_list", {})).isError).toBe(false);
    expect(await waiting).toMatchObject({ state: "exit 0", stdout: "end\n" });
  });
});
