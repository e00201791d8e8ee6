import { readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { SessionView } from "../../src/sessions/index.ts";
import { Cleanup } from "../helpers/cleanup.ts";
import { canMakeUsers, waitUntil } from "../helpers/servers/index.ts";
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
    expect(session.survives).toEqual({ disconnects: false, reason: expect.stringMatching(/Windows keeps no session/) });
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
    expect(await run("cd& echo [%KEPT%]")).toBe("0|C:\\windows\r\n[a b&c ; =x]\r\n|");
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
});
