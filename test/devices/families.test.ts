import { afterAll, describe, expect, it } from "vitest";
import type { SessionView } from "../../src/sessions/index.ts";
import { Cleanup } from "../helpers/cleanup.ts";
import { waitUntil } from "../helpers/servers/index.ts";
import { createMemoryStore } from "../../src/store/index.ts";
import { startEmulated, type EmulatedDevice, type RunningDevice } from "./emulated.ts";
import { openDevice, openInBook, runOn } from "./trials.ts";

const cleanup = new Cleanup();
afterAll(() => cleanup.run());

interface Opened extends RunningDevice {
  readonly session: SessionView;
}

async function open(device: EmulatedDevice, platform: string, enablePassword?: string): Promise<Opened> {
  const running = await startEmulated(cleanup, device);
  const about = enablePassword === undefined ? { platform } : { platform, enablePassword };
  return { ...running, session: await openDevice(cleanup, running.host.sshConfigFile, about) };
}

interface Family {
  readonly device: EmulatedDevice;
  readonly platform: string;
  readonly show: readonly [command: string, output: RegExp];
  /** What is configured, and what its prompt ends with; the last line of `wrong` is refused. */
  readonly change: readonly string[];
  readonly changed: string;
  readonly wrong: readonly string[];
  readonly error: RegExp;
  /** Makes it take effect, and leads out. */
  readonly finish: readonly string[];
  readonly home: string;
  /** It keeps changes back until they are committed. */
  readonly commits: boolean;
}

const families: readonly Family[] = [
  {
    device: { family: "ios", host: "a-switch-with-a-long-name", enable: "sesame" },
    platform: "cisco_ios",
    show: ["show version", /^Cisco IOS Software[^]*uptime is 1 week\n$/],
    change: ["configure terminal", "interface GigabitEthernet0/1", "description x"],
    changed: "(config-if)#",
    wrong: ["description y", "bogus"],
    error: /^line 2 of 2: % Invalid input detected/,
    finish: ["end"],
    home: "name#",
    commits: false,
  },
  {
    device: { family: "xr", host: "xr1" },
    platform: "cisco_iosxr",
    show: ["show version", /Cisco IOS Software, Emulated/],
    change: ["configure terminal", "interface GigabitEthernet0/0/0/1", "description x"],
    changed: "(config-if)#",
    wrong: ["bogus"],
    error: /^% Invalid input detected/,
    finish: ["commit", "end"],
    home: "xr1#",
    commits: true,
  },
  {
    device: { family: "junos", host: "mx1" },
    platform: "juniper_junos",
    show: ["show version", /^Hostname: mx1\nModel: mx204\nJunos: 21.4R3\n$/],
    change: ["configure", "set system host-description x"],
    changed: "admin@mx1#",
    wrong: ["set system location y", "set bogus"],
    error: /^line 2 of 2: syntax error/,
    finish: ["commit", "exit configuration-mode"],
    home: "admin@mx1>",
    commits: true,
  },
  {
    device: { family: "vrp", host: "hw1" },
    platform: "huawei_vrp",
    show: ["display version", /VRP \(R\) software[^]*\[V200R005C10SPC800\]\n$/],
    change: ["system-view", "interface GE0/0/1", "description x"],
    changed: "[*hw1-GE0/0/1]",
    wrong: ["bogus"],
    error: /^Error: Unrecognized command/,
    finish: ["commit", "return"],
    home: "<hw1>",
    commits: true,
  },
  {
    device: { family: "fortios", host: "FGT1" },
    platform: "fortinet_fortios",
    show: ["get system status", /^Version: FortiGate[^]*Hostname: FGT1\n$/],
    change: ["config system global", "set alias x"],
    changed: "FGT1 (global) #",
    wrong: ["set bogus"],
    error: /^Unknown action 0/,
    finish: ["end"],
    home: "FGT1 #",
    commits: false,
  },
  {
    device: { family: "sros", host: "sr1" },
    platform: "nokia_sros",
    show: ["show version", /^TiMOS-B-23.10.R1 [^\n]*\n$/],
    change: ["edit-config exclusive", "/configure system location x"],
    changed: "A:admin@sr1#",
    wrong: ["/configure system bogus"],
    error: /^MINOR: MGMT_CORE #2201/,
    finish: ["commit", "quit-config"],
    home: "A:admin@sr1#",
    commits: true,
  },
];

const uncommitted = expect.stringMatching(/^changes are not committed: /);

describe("a device of each family", () => {
  it.each(families)("in the shape of $platform is configured, and says what went wrong", async (family) => {
    const { device, platform, show, change, changed, wrong, error, finish, home, commits } = family;
    const { session } = await open(device, platform, device.enable);
    const shown = await runOn(session, show[0]);
    expect(shown).toMatchObject({ state: "done", output: expect.stringMatching(show[1]) });
    expect((await runOn(session, "show lines 60 t".replace("show", show[0].split(" ")[0] ?? ""))).output).toBe(
      Array.from({ length: 60 }, (_, at) => `t ${String(at).padStart(5, "0")}\n`).join(""),
    );
    const made = await session.run({ command: change.join("\n") });
    await made.ended(30_000);
    expect(made.state).toEqual({ kind: "done" });
    expect(made.directory?.endsWith(changed)).toBe(true);
    if (commits) expect(made.notes).toContainEqual(uncommitted);
    const refused = await session.run({ command: wrong.join("\n") });
    await refused.ended(30_000);
    expect(refused.state).toEqual({ kind: "error", reason: expect.stringMatching(error) });
    if (commits) expect(refused.notes).toContainEqual(uncommitted);
    const finished = await session.run({ command: finish.join("\n") });
    await finished.ended(30_000);
    expect(finished.state).toEqual({ kind: "done" });
    expect(finished.directory?.endsWith(home)).toBe(true);
    expect(finished.notes).not.toContainEqual(uncommitted);
  });

  it("asks what is to become of changes, and the agent answers", async () => {
    const { session } = await open({ family: "junos", host: "mx2" }, "juniper_junos");
    await runOn(session, "configure\nset system location x");
    const leaving = await session.run({ command: "exit configuration-mode" });
    await leaving.ended(30_000, undefined, true);
    expect(leaving.question).toBe("Exit with uncommitted changes? [yes,no] (yes)");
    await leaving.input("no\n");
    await leaving.ended(30_000);
    expect(leaving).toMatchObject({ state: { kind: "done" }, directory: "admin@mx2#" });
    expect(leaving.notes).toContainEqual(uncommitted);
  });

  it("tells of a commit that has to be confirmed until it is, and of changes that end with the session", async () => {
    const { host } = await startEmulated(cleanup, { family: "junos", host: "mx3" });
    const { session, book } = await openInBook(cleanup, host.sshConfigFile, { platform: "juniper_junos" });
    const run = async (command: string): Promise<readonly string[]> => {
      const view = await session.run({ command });
      await view.ended(30_000);
      expect(view.state).toEqual({ kind: "done" });
      return view.notes;
    };
    const left = /^commit confirmed 5: taken back by the device in (?:5 min 0|4 min \d+) s, unless commit follows$/;
    await run("configure\nset system location x");
    expect(await run("commit confirmed 5")).toContainEqual(expect.stringMatching(left));
    expect(await run("exit\nshow version")).toEqual([expect.stringMatching(left)]);
    const other = await book.open({ target: "box", name: "other", carrier: "device", platform: "juniper_junos" });
    const there = await other.run({ command: "show version" });
    await there.ended(30_000);
    expect(there.notes).toContainEqual(expect.stringMatching(left));
    expect(await run("configure\ncommit\nexit")).toEqual([]);
    expect(await run("configure\nset system location y\ncommit confirmed 9")).toHaveLength(1);
    await run("set system location z");
    expect(await book.close("dev")).toMatchObject({
      unfinished: expect.stringMatching(
        /^changes that were not committed are gone .*; commit confirmed 9: taken back by the device in /,
      ),
    });
  });

  it("tells after a new start of the server what waits to be confirmed, and no more when it was taken back", async () => {
    const { host } = await startEmulated(cleanup, { family: "sros", host: "sr2" });
    const about = { platform: "nokia_sros", store: createMemoryStore() };
    const notesOf = async (session: SessionView, command: string): Promise<readonly string[]> => {
      const view = await session.run({ command });
      await view.ended(30_000);
      expect(view.state).toEqual({ kind: "done" });
      return view.notes;
    };
    const left = expect.stringMatching(
      /^commit confirmed 5: taken back by the device in .* unless commit confirmed accept follows$/,
    );
    const before = await openInBook(cleanup, host.sshConfigFile, about);
    await notesOf(before.session, "edit-config exclusive\n/configure system location x");
    expect(await notesOf(before.session, "commit confirmed 5")).toEqual([left]);
    await before.book.shutdown();
    const after = await openInBook(cleanup, host.sshConfigFile, about);
    expect(await notesOf(after.session, "show version")).toContainEqual(left);
    expect(await notesOf(after.session, "edit-config exclusive")).toEqual([left]);
    const accepted = await after.session.run({ command: "commit confirmed accept" });
    await accepted.ended(30_000);
    expect(accepted.state).toMatchObject({ kind: "error" });
    expect(await notesOf(after.session, "/configure system location y\ncommit confirmed 5")).toEqual([left]);
    expect(await notesOf(after.session, "commit confirmed cancel")).toEqual([]);
  });

  it("is told of a commit that has to be confirmed and cut the connection", async () => {
    const device = { family: "junos", host: "mx4", dies_at: "commit confirmed 5" } as const;
    const { session } = await open(device, "juniper_junos");
    await runOn(session, "configure\nset system location x");
    const left =
      /^commit confirmed 5 \(whose outcome is unknown\): taken back by the device in .* unless commit follows$/;
    const cut = await session.run({ command: "commit confirmed 5" });
    await cut.ended(30_000);
    expect(cut.state).toMatchObject({ kind: "lost" });
    expect(cut.notes).toContainEqual(expect.stringMatching(left));
    const next = await session.run({ command: "show version" });
    await next.ended(30_000);
    expect(next.notes.filter((note) => note.includes("commit confirmed"))).toEqual([expect.stringMatching(left)]);
  });

  it("in the shape of RouterOS takes each command without a terminal", async () => {
    const { session } = await open({ family: "routeros", host: "Mikro Tik" }, "mikrotik_routeros");
    expect(await runOn(session, "/system resource print")).toMatchObject({
      state: "done",
      output: /platform: MikroTik\n$/,
    });
    const refused = await session.run({ command: "/ip address add address=10.0.0.1\nbogus\n/system resource print" });
    await refused.ended(30_000);
    expect(refused.state).toEqual({ kind: "error", reason: "line 2 of 3: bad command name bogus (line 1 column 1)" });
    expect(refused.notes).toContain("1 lines were not sent");
  });
});

describe.concurrent("a device of which nobody says that it is one", () => {
  it.each([
    ["ios", "Cisco IOS and IOS-XE"],
    ["junos", "Juniper Junos"],
    ["sros", "Nokia SR OS (MD-CLI)"],
  ] as const)(
    "in the shape of %s is found out, by how it refuses what is no command of its own",
    async (family, title) => {
      const { host } = await startEmulated(cleanup, { family, host: "box1" });
      const { session } = await openInBook(cleanup, host.sshConfigFile, { carrier: "host" });
      expect([session.hostFacts, session.survives.reason]).toEqual([
        title,
        "a network device's command line: its prompt",
      ]);
      expect((await runOn(session, "show version")).state).toBe("done");
    },
  );
});

describe("a device that does not go along", () => {
  it("closes in the middle: the command is lost, the next one has a new terminal and says so", async () => {
    const { session } = await open({ family: "ios", host: "sw1", mode: "priv", dies_at: "reload" }, "cisco_ios");
    const dying = await session.run({ command: "reload" });
    await dying.ended(30_000);
    expect(dying.state).toEqual({
      kind: "lost",
      reason: "the device closed its terminal; the outcome is unknown",
    });
    const next = await session.run({ command: "show version" });
    await next.ended(30_000);
    expect(next.state).toEqual({ kind: "done" });
    expect(next.notes).toContainEqual(expect.stringMatching(/^new terminal: the device closed/));
  });

  it("is left by its own word for that, and what stood behind it is not sent", async () => {
    const { session } = await open({ family: "ios", host: "sw1", mode: "priv" }, "cisco_ios");
    expect((await runOn(session, "exit")).state).toBe("done");
    const next = await session.run({ command: "show version" });
    await next.ended(30_000);
    expect(next).toMatchObject({
      state: { kind: "done" },
      notes: [expect.stringMatching(/^new terminal: the device closed/)],
    });
    const two = await session.run({ command: "exit\nshow version" });
    await two.ended(30_000);
    expect(two.state).toEqual({ kind: "error", reason: "line 1 of 2: it closed the terminal" });
    expect(two.notes).toContain("line 2 was not sent");
  });

  it("is interrupted", async () => {
    const { session } = await open({ family: "ios", host: "sw1", mode: "priv" }, "cisco_ios");
    const asking = await session.run({ command: "copy running-config startup-config" });
    await asking.ended(30_000, undefined, true);
    expect(asking.question).toBe("Destination filename [startup-config]?");
    await asking.stop("INT");
    await waitUntil("the prompt is back", () => asking.state.kind !== "running");
    expect(asking.state).toEqual({ kind: "signalled", signal: "INT" });
    expect((await runOn(session, "show version")).state).toBe("done");
  });

  it("is refused what a command line of a device does not have", async () => {
    const { session } = await open({ family: "ios", host: "sw1" }, "cisco_ios");
    for (const more of [{ stdin: "x" }, { sudo: "root" }, { cwd: "/" }]) {
      await expect(session.run({ command: "show version", ...more })).rejects.toMatchObject({ code: "unsupported" });
    }
    await expect(session.run({ command: "show \u0003" })).rejects.toMatchObject({ code: "bad_input" });
    await expect(session.run({ command: "x".repeat(300) })).rejects.toMatchObject({ code: "too_large" });
  });
});
