import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { CommandView, SessionView } from "../../src/sessions/index.ts";
import { keepers, terminalText } from "../../src/sessions/terminals/terminal-text.ts";
import { Cleanup } from "../helpers/cleanup.ts";
import { eventually } from "../helpers/eventually.ts";
import { openBook, type OpenBook } from "../helpers/open-book.ts";
import { startOpenSsh, type TestServer } from "../helpers/servers/index.ts";

const cleanup = new Cleanup();
const size = { columns: 97, rows: 31 };
/** Tells its size in the beginning and whenever it changes, until it reads `over`. */
const tellsSizes =
  "trap 'echo now $(stty size)' WINCH; echo up $(stty size); until [ \"$x\" = over ]; do read -r -t 1 x; done";
let server: TestServer;
let place: OpenBook;
let session: SessionView;

beforeAll(async () => {
  server = await startOpenSsh({ config: ["LogLevel INFO"] });
  cleanup.add(() => server.stop());
  place = await openBook(server.sshConfigFile);
  cleanup.add(() => place.remove());
  session = await place.book.open({ target: server.alias, name: "box" });
});
afterAll(() => cleanup.run());

async function shown(command: CommandView): Promise<string> {
  return Buffer.from((await command.read("stdout", 0, 1_000_000)).bytes).toString();
}

async function until(command: CommandView, pattern: RegExp): Promise<string> {
  return eventually(`${pattern.source} on the terminal`, 20_000, async () => {
    const text = await shown(command);
    return pattern.test(text) ? text : undefined;
  });
}

describe.each(keepers)("a terminal kept by %s", (keeper) => {
  const start = (text: string): Promise<CommandView> =>
    session.run({ command: terminalText(text, size, keeper), background: true });

  it("is one, of the size asked for, in the session's directory, and ends as the command does", async () => {
    await (await session.run({ command: "cd /usr/share; export FRUIT='ap ple'" })).ended(20_000);
    const command = await start('test -t 0 && test -t 1 && test -t 2 && stty size; pwd; echo "$FRUIT"; exit 7');
    await command.ended(20_000);
    expect(command.state).toEqual({ kind: "exited", status: 7 });
    expect(await shown(command)).toBe("31 97\r\n/usr/share\r\nap ple\r\n");
  });

  it("takes keys, echoes them, and loses no byte of much output", async () => {
    const command = await start('echo ready; read -r x; echo "got $x"; seq 1 40000; echo over');
    await until(command, /ready/);
    await command.input("hello\r");
    await command.ended(60_000);
    const lines = Array.from({ length: 40_000 }, (_, at) => `${at + 1}\r\n`).join("");
    const text = await shown(command);
    expect(text).toBe(`ready\r\nhello\r\ngot hello\r\n${lines}over\r\n`);
  });

  it("is interrupted by a key and by a signal, and tells one that ended it", async () => {
    const keyed = await start("trap 'echo caught; exit 3' INT; echo ready; while :; do sleep 0.1; done");
    await until(keyed, /ready/);
    await keyed.input("\u0003");
    await keyed.ended(20_000);
    expect(keyed.state).toEqual({ kind: "exited", status: 3 });
    const killed = await start("echo ready; sleep 300; echo never");
    await until(killed, /ready/);
    await killed.stop("KILL");
    await killed.ended(20_000);
    expect(killed.state).toEqual({ kind: "signalled", signal: "KILL" });
    expect(await shown(killed)).toBe("ready\r\n");
  });

  it("does not hang when something it has left behind holds the terminal", async () => {
    const command = await start("(trap '' HUP; exec sleep 20) & echo left; exit 4");
    await command.ended(15_000);
    expect(command.state).toEqual({ kind: "exited", status: 4 });
    expect(await shown(command)).toBe("left\r\n");
  });
});

describe("a command on a terminal", () => {
  it("has a number like any other, says what keeps it, and is known to who comes later", async () => {
    const command = await session.run({ command: "echo begun; read -r x; echo $x; exit 5", terminal: size });
    expect(command.terminal).toEqual(size);
    expect(command.notes).toEqual(["terminal 97x31, survives disconnects"]);
    await until(command, /begun/);
    const other = await openBook(server.sshConfigFile, place.store);
    const found = await (await other.book.get("box")).command(command.number);
    await eventually("the log was read", 20_000, () => (found.terminal === undefined ? undefined : true));
    expect(found.terminal).toEqual(size);
    expect(found.text).toBe("echo begun; read -r x; echo $x; exit 5");
    await found.input("typed\r");
    await found.ended(20_000);
    expect(found.state).toEqual({ kind: "exited", status: 5 });
    expect(await shown(found)).toBe("begun\r\ntyped\r\ntyped\r\n");
    await other.remove();
  });

  it("is given another size, of which its program is told, and which another server knows", async () => {
    const command = await session.run({ command: `${tellsSizes}; exit 5`, terminal: size });
    await until(command, /up 31 97/);
    await command.resize({ columns: 200, rows: 50 });
    await until(command, /now 50 200/);
    expect(command.notes).toEqual(["terminal 200x50, survives disconnects"]);
    const other = await openBook(server.sshConfigFile, place.store);
    const found = await (await other.book.get("box")).command(command.number);
    await eventually("the log was read", 20_000, () => (found.terminal === undefined ? undefined : true));
    const sizes = [
      { at: 0, size },
      { at: expect.any(Number), size: { columns: 200, rows: 50 } },
    ];
    expect(await found.terminalSizes()).toEqual(sizes);
    await found.resize({ columns: 20, rows: 5 });
    await until(command, /now 5 20/);
    expect(await command.terminalSizes()).toHaveLength(3);
    await command.input("over\r");
    await command.ended(20_000);
    expect(command.state).toEqual({ kind: "exited", status: 5 });
    await expect(command.resize(size)).rejects.toMatchObject({ code: "stdin_closed" });
    await other.remove();
    const plain = await session.run({ command: "sleep 5" });
    await expect(plain.resize(size)).rejects.toMatchObject({ code: "unsupported" });
    await plain.stop("INT");
  });

  it("is interrupted where its own shell has put something into the foreground", async () => {
    const command = await session.run({ command: "bash --norc", terminal: size });
    await until(command, /[#$] $/);
    await command.input("sleep 300\r");
    await eventually("sleep runs", 20_000, async () => {
      const look = await session.run({ command: "pgrep -t $(sed s,/dev/,, <$_hf_D/bw.*) -x sleep" });
      await look.ended(20_000);
      return look.state.kind === "exited" && look.state.status === 0 ? true : undefined;
    });
    await command.stop("INT");
    await until(command, /sleep 300\r\n[^]*[#$] $/);
    await command.input("echo status $?\r");
    await until(command, /status 130\r/);
    await command.input("exit 9\r");
    await command.ended(20_000);
    expect(command.state).toEqual({ kind: "exited", status: 9 });
  });

  it("survives the connection, without a byte lost or shown twice", async () => {
    const command = await session.run({
      command: "echo begun; for n in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do echo $n; sleep 0.1; done",
      terminal: size,
    });
    await until(command, /begun/);
    server.killConnections();
    await command.ended(30_000);
    expect(command.state).toEqual({ kind: "exited", status: 0 });
    const lines = Array.from({ length: 20 }, (_, at) => `${at + 1}\r\n`).join("");
    expect(await shown(command)).toBe(`begun\r\n${lines}`);
  });

  it("takes an end of file as its driver does, and leaves nothing behind", async () => {
    const command = await session.run({ command: "echo begun; cat; echo over", terminal: size });
    await until(command, /begun/);
    await command.input("line\r");
    await until(command, /line\r\nline/);
    await command.eof();
    await command.ended(20_000);
    expect(await shown(command)).toBe("begun\r\nline\r\nline\r\nover\r\n");
    const left = await session.run({ command: 'cd "$_hf_D" && ls | grep -E "^b[twqpi]\\." ; true' });
    await left.ended(20_000);
    expect(await shown(left)).toBe("");
  });

  it("is gone with its session, and so is what keeps it", async () => {
    const closing = await place.book.open({ target: server.alias, name: "closing" });
    const mark = "31.4159";
    for (const keeper of keepers) {
      const command = await closing.run({
        command: terminalText(`trap '' HUP TERM; echo up; sleep ${mark}`, size, keeper),
        background: true,
      });
      await until(command, /up/);
    }
    const held = await closing.run({ command: 'echo "$_hf_D"' });
    await held.ended(20_000);
    const directory = (await shown(held)).trim();
    expect(directory).toMatch(/\.holdfast-/);
    await place.book.close("closing");
    await eventually("nothing is left", 20_000, async () => {
      const look = await session.run({ command: `pgrep -af '[s]leep ${mark}|${directory}/[b]t'` });
      await look.ended(20_000);
      return (await shown(look)) === "" ? true : undefined;
    });
  });

  it.each(["connection", "exec"] as const)(
    "lives as long as the connection on a %s shell, and says so",
    async (carrier) => {
      const low = await place.book.open({ target: server.alias, name: carrier, carrier });
      const command = await low.run({ command: "stty size; read -r x; echo got $x; exit 6", terminal: size });
      expect(command.notes).toContain("terminal 97x31, gone with the connection");
      await until(command, /31 97/);
      await command.input("hello\r");
      await command.ended(20_000);
      expect(command.state).toEqual({ kind: "exited", status: 6 });
      expect(await shown(command)).toBe("31 97\r\nhello\r\ngot hello\r\n");
      const third = await low.run({ command: tellsSizes, terminal: size });
      await until(third, /up 31 97/);
      await third.resize({ columns: 200, rows: 50 });
      await until(third, /now 50 200/);
      await third.stop("KILL");
      const second = await low.run({ command: "echo ready; sleep 300", terminal: size });
      await until(second, /ready/);
      await second.stop("INT");
      await second.ended(20_000);
      expect(second.state).toEqual({ kind: "signalled", signal: "INT" });
    },
  );
});
