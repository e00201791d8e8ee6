import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { SessionView } from "../../src/sessions/index.ts";
import { Cleanup } from "../helpers/cleanup.ts";
import { Holdfast } from "../helpers/holdfast.ts";
import { createPrivatePlace } from "../helpers/private-place.ts";
import { canMakeUsers, makeTempDir, waitUntil } from "../helpers/servers/index.ts";
import type { LadderPlace } from "../ladder/ladder-place.ts";
import { playStep } from "../torture/play-case.ts";
import { windowsHost } from "./windows-host.ts";

/** Wine takes a second for each command, more on a busy machine. */
const limitMs = 120_000;

const cleanup = new Cleanup();

/** 700 MB of packages and as much for each Windows: `npm run windows`. */
const full = process.env["HOLDFAST_WINDOWS"] === "full" && canMakeUsers;

describe.runIf(full)("a host whose login shell is cmd.exe", () => {
  let place: LadderPlace;
  let session: SessionView;

  beforeAll(async () => {
    place = await windowsHost(cleanup);
    session = await place.book.open({ target: "box" });
  }, 600_000);

  afterAll(() => cleanup.run(), 120_000);

  /** `<state>|<stdout>|<stderr>` */
  async function run(text: string, more: object = {}): Promise<string> {
    const { command, stdout, stderr } = await playStep(session, { run: text, with: more }, limitMs);
    const state = command.state.kind === "exited" ? command.state.status : JSON.stringify(command.state);
    return `${state}|${stdout.toString()}|${stderr.toString()}`;
  }

  test("it is found out, and what does not survive is said", { timeout: limitMs }, async () => {
    expect(session.hostFacts).toBe("Windows, cmd.exe");
    expect(session.survives).toEqual({
      disconnects: false,
      reason: expect.stringMatching(/^Windows: everything that runs is lost/),
    });
    expect(session.directory).toMatch(/^C:\\users\\hf/);
    expect(await run("echo hi")).toBe("0|hi\r\n|");
  });

  test("statuses, both streams, input", { timeout: limitMs }, async () => {
    expect(await run("cmd /c exit 9")).toBe("9||");
    expect(await run("cmd /c exit -1073741819")).toBe("-1073741819||");
    expect(await run("echo a& exit 5")).toBe("5|a\r\n|");
    expect(await run("echo to stderr>&2")).toMatch(/^0\|\|to stderr\s*$/);
    expect(await run("set /p X=&call echo [%^X%]", { stdin: "typed\r\n" })).toBe("0|[typed]\r\n|");
    expect(await run("nosuchprogram")).toMatch(/^9009\|\|.*nosuchprogram/s);
  });

  test("directory and variables are kept between commands", { timeout: limitMs }, async () => {
    await run("cd /d C:\\windows& set KEPT=a b^&c ; =x");
    expect(await run("cd& set KEPT")).toBe("0|C:\\windows\r\nKEPT=a b&c ; =x\r\n|");
    await run("set KEPT=a b");
    expect(await run("echo [%KEPT%] [%CD%] [%KEPT:a=c%]")).toBe("0|[a b] [C:\\windows] [c b]\r\n|");
    expect(session.directory).toBe("C:\\windows");
    await run("set KEPT=");
    expect(await run("if not defined KEPT echo gone")).toBe("0|gone\r\n|");
    expect(await run("cd& set HF_ONE", { cwd: "C:/users", env: { HF_ONE: '1 & (2) ^ | < " x' } })).toBe(
      '0|C:\\users\r\nHF_ONE=1 & (2) ^ | < " x\r\n|',
    );
    expect(await run("cd& if defined HF_ONE echo kept")).toBe("0|C:\\windows\r\n|");
    expect(await run("cd", { cwd: "~" })).toMatch(/^0\|C:\\users\\hf\w+\r\n\|$/);
  });

  test("texts that take what follows them, and texts of several lines", { timeout: limitMs }, async () => {
    expect(await run("for %i in (1 2) do @echo %i")).toBe("0|1\r\n2\r\n|");
    expect(await run("if exist nofile echo y")).toBe("0||");
    expect(await run('echo "open')).toBe('0|"open\r\n|');
    expect(await run("echo one\nset LINES=2\nfor %%i in (x y) do echo %%i\ncd ..")).toBe("0|one\r\nx\r\ny\r\n|");
    expect(await run("echo %LINES%&cd")).toBe("0|2\r\nC:\\\r\n|");
    const { name = "", home = "" } = place.user ?? {};
    const files = (): readonly string[] => readdirSync(join(home, "wine/drive_c/users", name));
    await waitUntil("no script is left", () => !files().some((file) => file.startsWith(".holdfast")));
  });

  test("beside each other, background, stopping", { timeout: limitMs }, async () => {
    await run("cd /d C:\\windows");
    const slow = await session.run({ command: "cd ..& echo begun& ping -n 600 127.0.0.1" });
    await waitUntil("it prints", () => slow.stdoutBytes === 7);
    expect(await run("cd")).toBe("0|C:\\windows\r\n|");
    const beside = await session.run({ command: "cd C:\\users& cd", background: true });
    await beside.ended(limitMs);
    expect((await beside.read("stdout", 0, 100)).bytes.toString()).toBe("C:\\users\r\n");
    expect(slow.state.kind).toBe("running");
    await slow.stop("TERM");
    await slow.ended(limitMs);
    expect(slow.state).toEqual({ kind: "signalled", signal: "TERM" });
    expect(session.directory).toBe("C:\\windows");
    await expect(session.run({ command: "echo", sudo: "root" })).rejects.toMatchObject({ code: "unsupported" });
  });

  test("a time limit ends what runs", { timeout: limitMs }, async () => {
    const { command } = await playStep(session, { run: "ping -n 600 127.0.0.1", with: { timeoutMs: 1000 } }, limitMs);
    expect(command.state).toEqual({ kind: "timed_out" });
  });

  test("files by their paths", { timeout: limitMs }, async () => {
    const user = place.user?.name ?? "";
    await run("cd /d C:\\windows");
    const path = `C:\\users\\${user}\\hf.txt`;
    const content = Buffer.from("one\r\nwater\u00FC\r\n");
    const written = await session.files.write({ path, content, mode: "create" });
    expect([written.path, written.created]).toEqual([`/C:/users/${user}/hf.txt`, true]);
    for (const same of [
      "~/hf.txt",
      `/C:/users/${user}/hf.txt`,
      `C:/users/${user}/hf.txt`,
      `..\\users\\${user}\\hf.txt`,
    ]) {
      const read = await session.files.read({ path: same, maxBytes: 100 });
      expect(read.kind === "file" && Buffer.from(read.bytes).equals(content), same).toBe(true);
    }
    expect(await run("type %USERPROFILE%\\hf.txt")).toMatch(/^0\|one\r\nwater/);
    await session.files.write({
      path,
      content: Buffer.from("new\r\n"),
      mode: "replace",
      expectSha256: written.sha256 ?? "",
    });
    expect(await run(`type ${path}`)).toBe("0|new\r\n|");
    const listed = await session.files.read({ path: "~", maxBytes: 100 });
    expect(listed.kind === "directory" && listed.entries.map(({ name }) => name)).toContain("hf.txt");
  });

  test("copies there and back", { timeout: limitMs }, async () => {
    const here = makeTempDir();
    cleanup.add(() => {
      here.remove();
    });
    writeFileSync(join(here.path, "a.bin"), Buffer.alloc(300_000, 7));
    const local = { directory: here.path, roots: [here.path] };
    const ends = [
      [
        { on: undefined, path: "a.bin" },
        { on: "box", path: "C:\\users\\Public\\a.bin" },
      ],
      [
        { on: "box", path: "/C:/users/Public/a.bin" },
        { on: undefined, path: "b.bin" },
      ],
    ] as const;
    for (const [from, to] of ends) {
      const copy = await place.book.copies.start({ from, to, local, verify: true });
      await copy.ended(limitMs);
      expect(copy.outcome?.error).toBeUndefined();
    }
    expect(readFileSync(join(here.path, "b.bin")).equals(Buffer.alloc(300_000, 7))).toBe(true);
  });

  test("a copy that takes long is a command, told of and stopped as any other", { timeout: limitMs }, async () => {
    const here = makeTempDir();
    cleanup.add(() => {
      here.remove();
    });
    writeFileSync(join(here.path, "large.bin"), Buffer.alloc(20_000_000, 7));
    const local = { directory: here.path, roots: [here.path] };
    const from = { on: undefined, path: "large.bin" };
    const to = { on: "box", path: "C:\\users\\Public\\large.bin" };
    const words = { progress: () => "on its way", outcome: () => "over" };
    const copy = await place.book.copies.start({ from, to, local });
    const command = await copy.hold(words);
    await copy.ended(limitMs);
    await command.ended(limitMs);
    expect(command.state).toEqual({ kind: "exited", status: 0 });
    expect((await command.read("stdout", 0, 1_000)).bytes.toString()).toMatch(/^on its way\n[^]*over\n$/);
    const other = await place.book.copies.start({ from, to: { ...to, path: "C:/users/Public/other.bin" }, local });
    await (await other.hold(words)).stop("INT");
    await other.ended(limitMs);
    expect(other.outcome).toBeDefined();
  });

  test("what runs is lost with its connection; what was kept stays", { timeout: limitMs }, async () => {
    await run("cd /d C:\\windows& set KEPT=yes");
    const slow = await session.run({ command: "echo up& ping -n 300 127.0.0.1" });
    await waitUntil("it prints", () => slow.stdoutBytes > 0);
    place.server.killConnections();
    await slow.ended(limitMs);
    expect(slow.state).toEqual({ kind: "lost", reason: expect.stringMatching(/connection was lost.*may still run/) });
    expect(await run("cd& echo %KEPT%")).toBe("0|C:\\windows\r\nyes\r\n|");
    await run("rd %USERPROFILE%\\gone& md %USERPROFILE%\\gone& cd %USERPROFILE%\\gone");
    await run(`rd ${session.directory ?? ""}`, { cwd: "C:/" });
    expect((await playStep(session, { run: "cd" }, limitMs)).command.notes.join()).toMatch(/there is no directory/);
    expect(await run("cd")).toMatch(/^0\|C:\\users\\hf\w+\r\n\|$/);
  });

  test("as an agent sees it, also after the server was killed", { timeout: limitMs }, async () => {
    const own = await createPrivatePlace(place.server.sshConfigFile);
    cleanup.add(() => own.remove());
    const first = await Holdfast.start(own);
    const opened = await first.call("ssh_open", {
      target: "box",
      name: "w",
      cwd: "C:\\windows",
      env: { HF_A: "1 & 2" },
    });
    expect(opened.text).toMatch(
      /^open · w · .* · Windows, cmd.exe · survives disconnects: no \(Windows: everything that runs is lost with the connection/,
    );
    const ran = await first.run("w", "set HF_A& echo e>&2& cd system32& cmd /c exit 3");
    expect(ran.text).toMatch(
      /^exit 3 · .* · w:C:\\windows\\system32 · w\/1 · survives [^\n]*\nHF_A=1 & 2\n--- stderr\ne/,
    );
    const crash = await first.run("w", "cmd /c exit -1073741819");
    expect(crash.text).toMatch(/^exit -1073741819 · .*0xC0000005/);
    await first.kill();
    const second = await Holdfast.start(own);
    const anew = await second.run("w", "echo [%HF_A%]");
    expect(anew.text).toMatch(
      /^exit 0 · .*new shell: the directory and variables that were kept before are gone[^]*\[%HF_A%\]/,
    );
    expect(anew.text).toContain("w:C:\\users\\");
    const terminal = await second.run("w", "echo on a terminal", { pty: true, wait_s: 60 });
    expect(terminal.text).toMatch(/gone with the connection[^]*on a terminal/);
    await second.closeSession("w");
    await second.stop();
  });
});
