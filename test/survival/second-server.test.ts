import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, expect, test } from "vitest";
import { randomHex } from "../../src/base/index.ts";
import { Cleanup } from "../helpers/cleanup.ts";
import { eventually } from "../helpers/eventually.ts";
import { Holdfast } from "../helpers/holdfast.ts";
import { createPrivatePlace } from "../helpers/private-place.ts";
import { startOpenSsh } from "../helpers/servers/index.ts";

const cleanup = new Cleanup();

afterEach(() => cleanup.run());

async function twoServers(): Promise<{
  readonly first: Holdfast;
  readonly second: Holdfast;
  readonly session: string;
}> {
  const session = `shared${randomHex(4)}`;
  const server = await startOpenSsh();
  cleanup.add(() => server.stop());
  const place = await createPrivatePlace(server.sshConfigFile);
  cleanup.add(() => place.remove());
  const first = await Holdfast.start(place);
  cleanup.add(() => first.stop());
  const second = await Holdfast.start(place);
  cleanup.add(() => second.stop());
  cleanup.add(() => second.closeSession(session));
  await first.call("ssh_open", { target: server.alias, name: session });
  return { first, second, session };
}

const stateOfShell = 'printf "%s|%s|%s|%s" "$PWD" "$HF_EXPORTED" "$hf_plain" "$(hf_function)"';

test("a second server reads the first one's running command from offset 0 and runs the next one with its state", async () => {
  const { first, second, session } = await twoServers();
  await first.run(session, 'cd /usr/lib; export HF_EXPORTED="e x"; hf_plain=p; hf_function() { printf F; }');
  const running = await first.run(
    session,
    'echo begin; read -r line; echo "got $line"; exit_status() { return 9; }; exit_status',
    { wait_s: 1 },
  );
  expect(running.state).toMatch(/^(?:running|waiting for input)$/);
  const id = running.id ?? "";

  const seen = await second.call("ssh_read", { command: id, from: 0, wait_s: 1 });
  expect(seen.state).toMatch(/^(?:running|waiting for input)$/);
  expect(seen.stdout).toBe("begin\n");

  await second.call("ssh_input", { command: id, text: "hello\n" });
  const ended = await second.call("ssh_read", { command: id, from: 0, wait_s: 30 });
  expect(ended).toMatchObject({ state: "exit 9", stdout: "begin\ngot hello\n", stderr: "" });

  const next = await second.run(session, stateOfShell);
  expect(next).toMatchObject({ state: "exit 0", stdout: "/usr/lib|e x|p|F" });
  expect(Number(next.id?.split("/")[1])).toBe(Number(id.split("/")[1]) + 1);
});

test("the first server sees the end of its command although the second has taken over, and runs the next one", async () => {
  const { first, second, session } = await twoServers();
  const running = await first.run(session, "echo one; sleep 3; echo two; (exit 5)", { wait_s: 1 });
  const id = running.id ?? "";
  const waiting = first.call("ssh_read", { command: id, from: 0, wait_s: 60 });
  const other = await second.call("ssh_read", { command: id, from: 0, wait_s: 60 });
  for (const reply of [await waiting, other]) expect(reply).toMatchObject({ state: "exit 5", stdout: "one\ntwo\n" });

  expect(await second.run(session, "hf_turn=second; echo 2nd")).toMatchObject({ state: "exit 0", stdout: "2nd\n" });
  expect(await first.run(session, 'echo "$hf_turn"')).toMatchObject({ state: "exit 0", stdout: "second\n" });
  expect(await second.run(session, "echo again")).toMatchObject({ state: "exit 0", stdout: "again\n" });
});

test("after the first server was killed a fresh one knows the session and every past command", async () => {
  const { first, second, session } = await twoServers();
  const past = await first.run(session, "echo past; echo E >&2; (exit 3)");
  await first.kill();
  expect((await second.call("ssh_list", {})).text).toContain(session);
  const again = await second.call("ssh_read", { command: past.id ?? "", from: 0 });
  expect(again).toMatchObject({ state: "exit 3", stdout: "past\n", stderr: "E\n" });
});

test("a fresh server knows where the shell was when a command was interrupted", async () => {
  const { first, second, session } = await twoServers();
  const running = await first.run(session, "cd '/usr/lib'; sleep 600", { wait_s: 1 });
  const id = running.id ?? "";
  expect((await first.call("ssh_stop", { command: id })).state).toBe("signal INT");
  await first.kill();
  expect((await second.call("ssh_read", { command: id })).text).toMatch(/^exit 130 · [^\n]*:\/usr\/lib · /);
});

test("a fresh server shows at once what a background job has printed after its command ended, in streams of the past", async () => {
  const { first, second, session } = await twoServers();
  const job = await first.run(session, "(until [ -f go ]; do sleep 0.1; done; rm go; seq 140000; : >gone) & echo now");
  expect((await first.run(session, ": >go; until [ -f gone ]; do sleep 0.1; done; rm gone")).state).toBe("exit 0");
  const read = { command: job.id ?? "", from: 0, raw: true, max_output: 1_000_000 };
  const again = await second.call("ssh_read", read);
  expect(again.state).toBe("exit 0");
  expect(again.stdout.endsWith("\n139999\n140000\n")).toBe(true);
});

test("a fresh server knows that a command was ended at its time limit, though another one was told so", async () => {
  const { first, second, session } = await twoServers();
  const { stdout } = await first.run(session, "echo $_hf_D");
  const limited = await first.run(session, "sleep 300", { background: true, timeout_s: 3 });
  await first.kill();
  // Takes the event as a server does that dies of it; the shell reads no byte beyond the line.
  const taker = 'while read -r l; do case $l in late*) exit;; esac; done <"$1/ev"';
  await promisify(execFile)("sh", ["-c", taker, "sh", stdout.trim()], { timeout: 60_000 });
  const number = limited.id?.split("/")[1] ?? "";
  await eventually("its end", 30_000, () => (existsSync(join(stdout.trim(), `bx.${number}`)) ? true : undefined));
  expect((await second.call("ssh_read", { command: limited.id ?? "" })).state).toBe("timed out");
});

test("a fresh server lists what was run before it, with how it ended, in streams of the past and beside the shell", async () => {
  const { first, second, session } = await twoServers();
  await first.run(session, "sleep 2; echo a; (exit 3)");
  await first.run(session, "sleep 60 & echo b");
  await first.run(session, "echo c; (exit 4)", { background: true, wait_s: 20 });
  const stopped = await first.run(session, "sleep 600; echo d", { wait_s: 0.5 });
  await first.call("ssh_stop", { command: stopped.id ?? "", signal: "TERM" });
  await first.run(session, "exit 9");
  await first.run(session, "sleep 60 & echo e");
  await first.run(session, "echo f");
  await first.kill();
  const list = await second.call("ssh_list", { what: "commands", session });
  const lines = list.text.split("\n").slice(1);
  expect(lines.at(-1)).toMatch(/ · exit 3 · 2\.\d s · /);
  expect((await second.call("ssh_read", { command: `${session}/1` })).text).toMatch(/^exit 3 · 2\.\d s · /);
  expect(lines.map((line) => line.split(" · ").toSpliced(2, 1).join(" · "))).toEqual([
    expect.stringMatching(/\/7 · exit 0 · echo f$/),
    expect.stringMatching(/\/6 · exit 0 · sleep 60 & echo e$/),
    expect.stringMatching(/\/5 · exit 9 · exit 9$/),
    expect.stringMatching(/\/4 · exit 130 · sleep 600; echo d$/),
    expect.stringMatching(/\/3 · exit 4 · echo c; \(exit 4\)$/),
    expect.stringMatching(/\/2 · exit 0 · sleep 60 & echo b$/),
    expect.stringMatching(/\/1 · exit 3 · sleep 2; echo a; \(exit 3\)$/),
  ]);
});

test("what was typed into a command and not read by it is not the input of another server's next one", async () => {
  const { first, second, session } = await twoServers();
  const fed = await first.run(session, "sleep 2", { wait_s: 0.3 });
  await first.call("ssh_input", { command: fed.id ?? "", text: "left over\n", wait_s: 0 });
  await first.kill();
  expect((await second.call("ssh_read", { command: fed.id ?? "", wait_s: 20 })).state).toBe("exit 0");
  const next = await second.run(session, 'read -r line; echo "got $line"', { wait_s: 1 });
  expect(next.stdout).toBe("");
  await second.call("ssh_input", { command: next.id ?? "", text: "its own\n" });
  expect((await second.call("ssh_read", { command: next.id ?? "", wait_s: 20 })).stdout).toBe("got its own\n");
});
