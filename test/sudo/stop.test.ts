import { readFileSync, readdirSync } from "node:fs";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { randomHex } from "../../src/base/index.ts";
import type { CommandView, RunRequest, SessionView, StopSignal } from "../../src/sessions/index.ts";
import { canMakeUsers, waitUntil } from "../helpers/servers/index.ts";
import { Person, SudoPlace, run } from "./sudo-place.ts";

/** `npm run sudo` plays what takes its time, too. */
const inFull = process.env["HOLDFAST_SUDO"] === "full";

/** How long an end may take on a busy machine. */
const limitMs = 20_000;

/** A time for `sleep` that no other test has. */
const longSleep = (): string => `9${Number.parseInt(randomHex(3), 16)}`;

/** Processes of these arguments. */
function processes(...args: readonly string[]): readonly number[] {
  const wanted = args.map((arg) => `${arg}\0`).join("");
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && argumentsOf(name) === wanted)
    .map(Number);
}

function argumentsOf(process: string): string {
  try {
    return readFileSync(`/proc/${process}/cmdline`, "utf8");
  } catch {
    return "";
  }
}

describe.runIf(canMakeUsers)("what root runs for a session", () => {
  let place: SudoPlace;
  let session: SessionView;
  let time: string;
  beforeAll(async () => {
    place = await SudoPlace.open();
    place.meet(new Person(() => place.user.password));
    session = await place.session("stopped");
  });
  afterEach(() => {
    for (const pid of processes("sleep", time)) process.kill(pid, "SIGKILL");
  });
  afterAll(() => place.cleanup.run());

  async function begun(
    text: string,
    { rules = [], ...request }: { readonly rules?: readonly string[] } & Omit<RunRequest, "command"> = {},
  ): Promise<CommandView> {
    place.allow(...rules, "@ ALL=(ALL:ALL) ALL");
    time = longSleep();
    const command = await session.run({ command: text.replaceAll("@", time), ...request });
    await waitUntil("root runs it", () => processes("sleep", time).length > 0);
    return command;
  }

  const kinds: readonly StopSignal[] = ["INT", "TERM", "KILL"];
  describe.each(["use_pty", "!use_pty"])("with %s", (pty) => {
    it.each(kinds)("ends of %s, with its line", async (signal) => {
      const command = await begun("sudo sleep @; echo after", { rules: [`Defaults:@ ${pty}`] });
      await command.stop(signal);
      await command.ended(limitMs);
      expect(command.state).toEqual({ kind: "signalled", signal });
      expect(command.stdoutBytes).toBe(0);
      await waitUntil("it is gone", () => processes("sleep", time).length === 0);
      expect(await run(session, "echo alive")).toMatchObject({ stdout: "alive\n", notes: [] });
    });
  });

  it.each(["use_pty", "!use_pty"])("in a shell of its own ends of INT as a whole, with %s", async (pty) => {
    const command = await begun("sleep @; echo after", { rules: [`Defaults:@ ${pty}`], sudo: "root" });
    await command.stop("INT");
    await command.ended(limitMs);
    expect(command.state).toEqual({ kind: "signalled", signal: "INT" });
    expect([command.stdoutBytes, processes("sleep", time)]).toEqual([0, []]);
    expect(await run(session, "echo alive")).toMatchObject({ stdout: "alive\n", notes: [] });
  });

  it("below a script ends of KILL before the script goes on", async () => {
    const command = await begun("sh -c 'sudo sleep @; echo next'; echo after");
    await command.stop("KILL");
    await command.ended(limitMs);
    expect(command.state).toEqual({ kind: "signalled", signal: "KILL" });
    expect([command.stdoutBytes, processes("sleep", time)]).toEqual([0, []]);
  });

  it("and ignores all that the user may send is told after the end, and root can end it", async () => {
    const command = await begun(`sudo sh -c 'trap "" INT TERM HUP QUIT; sleep @; echo next'; echo after`);
    place.allow("@ ALL=(ALL:ALL) ALL");
    await command.stop("KILL");
    await command.ended(limitMs);
    expect(command.state).toEqual({ kind: "signalled", signal: "KILL" });
    const beyond = (await command.outOfReach?.()) ?? [];
    expect(beyond).toEqual(processes("sleep", time));
    expect(beyond).toHaveLength(1);
    const kill = { command: `kill -KILL ${beyond.join(" ")}`, sudo: "root" };
    expect(await run(session, kill)).toMatchObject({ status: 0, notes: [] });
    await waitUntil("it is gone", () => processes("sleep", time).length === 0);
    expect([command.stdoutBytes, await command.outOfReach?.()]).toEqual([0, []]);
  });

  it("in a shell of its own ends of TERM as a whole", async () => {
    const command = await begun("sleep @; echo after", { sudo: "root" });
    await command.stop("TERM");
    await command.ended(limitMs);
    expect(command.state).toEqual({ kind: "signalled", signal: "TERM" });
    expect([command.stdoutBytes, processes("sleep", time)]).toEqual([0, []]);
    expect(await command.outOfReach?.()).toEqual([]);
  });

  it.runIf(inFull)("and ignores INT, TERM and HUP ends of KILL", async () => {
    const command = await begun(`trap "" INT TERM HUP; sleep @; echo after`, { sudo: "root" });
    await command.stop("KILL");
    await command.ended(limitMs);
    expect(command.state).toEqual({ kind: "signalled", signal: "KILL" });
    expect([command.stdoutBytes, processes("sleep", time)]).toEqual([0, []]);
  });

  it("beside the shell and was left behind by a shell of root's is told after the end", async () => {
    const command = await begun("sleep @; echo after", { sudo: "root", background: true });
    await command.stop("TERM");
    await command.ended(limitMs);
    expect(command.state.kind).not.toBe("running");
    expect(await command.outOfReach?.()).toEqual(processes("sleep", time));
  });

  it("ends with its session, and what does not is told", async () => {
    const other = await place.session("closed");
    place.allow("@ ALL=(ALL:ALL) ALL");
    time = longSleep();
    await other.run({ command: `sudo sleep ${time}; echo after` });
    await other.run({ command: `sleep ${time}; echo after`, sudo: "root", background: true });
    const deaf = `trap "" HUP INT QUIT TERM; sleep ${time}; echo after`;
    await other.run({ command: deaf, sudo: "root", background: true });
    await waitUntil("root runs it", () => processes("sleep", time).length === 3);
    const text = await place.call("ssh_close", { session: "closed" });
    place.forget("closed");
    const left = processes("sleep", time);
    expect(left.length).toBeGreaterThanOrEqual(1);
    expect(text).toMatch(
      /^closed · closed · stopped closed\/1, closed\/2, closed\/3 · runs as another user, out of reach: process [\d ]+ · to end it: ssh_run \{"on":"[^"]+","command":"kill -KILL [\d ]+","sudo":true\}$/,
    );
    expect((/process (\d+(?: \d+)*)/.exec(text)?.[1] ?? "").split(" ").map(Number)).toEqual(
      expect.arrayContaining([...left]),
    );
  });

  it("and outlives a limit of time is told with the word that says so", async () => {
    place.allow("@ ALL=(ALL:ALL) ALL");
    time = longSleep();
    const args = { on: "stopped", command: `sleep ${time}; echo after`, sudo: true, background: true };
    const text = await place.call("ssh_run", { ...args, timeout_s: 1, wait_s: 30 });
    const [left, ...more] = processes("sleep", time);
    expect([typeof left, more]).toEqual(["number", []]);
    expect(text).toMatch(/^timed out · /);
    expect(text).toContain(`runs as another user, out of reach: process ${left} · to end it: ssh_run {"on":"stopped",`);
    const [, id = ""] = / · (stopped\/\d+) · /.exec(text) ?? [];
    expect(await place.call("ssh_read", { command: id })).toContain(`out of reach: process ${left} ·`);
  });

  it("and ignores them is killed by root where that costs no password", async () => {
    const command = await begun(`sudo sh -c 'trap "" INT TERM HUP QUIT; sleep @; :'; echo after`, {
      rules: ["@ ALL=(ALL) NOPASSWD: ALL"],
    });
    place.allow("@ ALL=(ALL:ALL) NOPASSWD: ALL");
    await command.stop("KILL");
    await command.ended(limitMs);
    expect(command.state).toEqual({ kind: "signalled", signal: "KILL" });
    expect([command.stdoutBytes, processes("sleep", time)]).toEqual([0, []]);
  });

  it.each(["TERM HUP", ...(inFull ? ["INT TERM HUP"] : [])])(
    "and ignores %s ends where more than is kept is to end it",
    async (ignored) => {
      await place.restart({ idleS: 3600, spoolBytes: 65_536, whenFull: "stop", directory: "" });
      const full = await place.session(`full ${ignored.length}`.replace(" ", "-"));
      place.allow("@ ALL=(ALL:ALL) ALL");
      time = longSleep();
      const text = `trap "" ${ignored}; cat /dev/zero; sleep ${time}; echo after`;
      const command = await full.run({ command: text, sudo: "root" });
      await command.ended(limitMs);
      expect(command.state.kind).not.toBe("running");
      expect(await command.outOfReach?.()).toEqual([]);
      expect(processes("sleep", time)).toEqual([]);
      expect(await run(full, "echo alive")).toMatchObject({ stdout: "alive\n" });
    },
  );
});
