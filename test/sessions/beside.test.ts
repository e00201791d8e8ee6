import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { CommandView, SessionView } from "../../src/sessions/index.ts";
import { Cleanup } from "../helpers/cleanup.ts";
import { openBook, type OpenBook } from "../helpers/open-book.ts";
import { startOpenSsh, type TestServer } from "../helpers/servers/index.ts";

const cleanup = new Cleanup();
let server: TestServer;
let place: OpenBook;
let session: SessionView;
/** The first of all. */
let oldest: CommandView;

beforeAll(async () => {
  server = await startOpenSsh({ config: ["LogLevel INFO"] });
  cleanup.add(() => server.stop());
  place = await openBook(server.sshConfigFile);
  cleanup.add(() => place.remove());
  session = await place.book.open({ target: server.alias, name: "box" });
});
afterAll(() => cleanup.run());

async function outcome(command: CommandView): Promise<string> {
  await command.ended(20_000);
  const stdout = Buffer.from((await command.read("stdout", 0, 1_000_000)).bytes).toString();
  const stderr = Buffer.from((await command.read("stderr", 0, 1_000_000)).bytes).toString();
  return `${JSON.stringify(command.state)} ${JSON.stringify(stdout)} ${JSON.stringify(stderr)}`;
}

const exited = (status: number): string => JSON.stringify({ kind: "exited", status });

describe("commands beside the session shell", () => {
  it("run while the shell is busy, with a copy of its directory and variables, and say so", async () => {
    await (await session.run({ command: 'cd /usr/share; export FRUIT="ap\'ple"; unexported=1' })).ended(10_000);
    const long = await session.run({ command: "sleep 2; echo done; (exit 3)" });
    const beside = await session.run({ command: 'pwd; echo "$FRUIT $unexported" >&2; (exit 7)' });
    oldest = beside;
    expect(beside.notes).toContain(`beside ${long.id}`);
    expect(await outcome(beside)).toBe(`${exited(7)} "/usr/share\\n" "ap'ple \\n"`);
    expect(long.state.kind).toBe("running");
    expect(await outcome(long)).toBe(`${exited(3)} "done\\n" ""`);
    const after = await session.run({ command: "echo back in front; pwd" });
    expect(await outcome(after)).toBe(`${exited(0)} "back in front\\n/usr/share\\n" ""`);
    expect(after.number).toBe(beside.number + 1);
  });

  it("run in the background of an idle shell, which stays free", async () => {
    const background = await session.run({ command: "echo begun; cat; echo over", background: true });
    const front = await session.run({ command: "echo front" });
    expect(front.notes).toEqual([]);
    expect(await outcome(front)).toBe(`${exited(0)} "front\\n" ""`);
    await background.input("typed\n");
    await background.eof();
    expect(await outcome(background)).toBe(`${exited(0)} "begun\\ntyped\\nover\\n" ""`);
  });

  it("may be the first of a session", async () => {
    for (let round = 0; round < 5; round += 1) {
      const fresh = await place.book.open({ target: server.alias, name: `fresh${round}` });
      const background = await fresh.run({ command: "echo behind", background: true });
      const front = await fresh.run({ command: "echo front" });
      expect(await outcome(front)).toBe(`${exited(0)} "front\\n" ""`);
      expect(await outcome(background)).toBe(`${exited(0)} "behind\\n" ""`);
      const again = await fresh.run({ command: "echo again" });
      expect(await outcome(again)).toBe(`${exited(0)} "again\\n" ""`);
      await place.book.close(`fresh${round}`);
    }
  });

  it("take input given with the call", async () => {
    const background = await session.run({ command: "cat", background: true, stdin: "all\0of it" });
    expect(await outcome(background)).toBe(`${exited(0)} "all\\u0000of it" ""`);
  });

  it.each(["INT", "TERM", "KILL"] as const)("end of %s", async (signal) => {
    const background = await session.run({ command: "sleep 60; echo never", background: true });
    await background.stop(signal);
    await background.ended(20_000);
    expect(background.state).toEqual({ kind: "signalled", signal });
  });

  it("tell how much they have printed while they run", async () => {
    const background = await session.run({ command: "echo one; sleep 60", background: true });
    while (background.stdoutBytes === 0) await background.changed(5000);
    expect(Buffer.from((await background.read("stdout", 0, 100)).bytes).toString()).toBe("one\n");
    await background.stop("TERM");
    await background.ended(20_000);
  });

  it("run 64 at a time, and no more", { timeout: 120_000 }, async () => {
    const many: CommandView[] = [];
    for (let n = 0; n < 64; n += 1) {
      many.push(
        await session.run({ command: `read x; echo "$x ${n}"; echo err${n} >&2; (exit ${n})`, background: true }),
      );
    }
    await expect(session.run({ command: "true" })).rejects.toMatchObject({ code: "limit_reached" });
    await Promise.all(many.map((command) => command.input("go\n")));
    const outcomes = await Promise.all(many.map(outcome));
    expect(outcomes).toEqual(many.map((_, n) => `${exited(n)} "go ${n}\\n" "err${n}\\n"`));
    expect(await outcome(await session.run({ command: "echo still here" }))).toBe(`${exited(0)} "still here\\n" ""`);
  });

  it("are known to another process, running and ended", async () => {
    const ended = await session.run({ command: "echo ended before; (exit 5)", background: true });
    await ended.ended(10_000);
    const running = await session.run({ command: "sleep 3; echo ended after; (exit 6)", background: true });
    const other = await openBook(server.sshConfigFile, place.store);
    try {
      const same = await other.book.get("box");
      const listed = (await same.commands(10)).map(({ number, text }) => `${number} ${text}`);
      expect(listed).toContain(`${running.number} ${running.text}`);
      expect(listed).toContain(`${ended.number} ${ended.text}`);
      expect(await outcome(await same.command(running.number))).toBe(`${exited(6)} "ended after\\n" ""`);
      expect(await outcome(await same.command(ended.number))).toBe(`${exited(5)} "ended before\\n" ""`);
    } finally {
      await other.remove();
    }
    expect(await outcome(running)).toBe(`${exited(6)} "ended after\\n" ""`);
  });

  it("have an end that another process can learn after their output has gone", async () => {
    const other = await openBook(server.sshConfigFile, place.store);
    try {
      const same = await (await other.book.get("box")).command(oldest.number);
      expect(same.state).toEqual({ kind: "exited", status: 7 });
      expect(same.stdoutBytes).toBe("/usr/share\n".length);
      await expect(same.read("stdout", 0, 100)).rejects.toMatchObject({ code: "output_gone" });
    } finally {
      await other.remove();
    }
  });

  it("survive the connection", async () => {
    const running = await session.run({ command: "sleep 2; echo lived; (exit 4)", background: true });
    server.killConnections();
    expect(await outcome(running)).toBe(`${exited(4)} "lived\\n" ""`);
  });

  it("leave nothing behind when the session closes", async () => {
    await session.run({ command: "sleep 600", background: true });
    const report = await place.book.close("box");
    expect(report.left).toBeUndefined();
    expect(report.stopped).toHaveLength(1);
  });
});
