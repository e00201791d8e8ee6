import { readFileSync, readdirSync } from "node:fs";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { randomHex } from "../../src/base/index.ts";
import type { CommandView, SessionView, StopSignal } from "../../src/sessions/index.ts";
import { canMakeUsers, waitUntil } from "../helpers/servers/index.ts";
import { Person, SudoPlace, run } from "./sudo-place.ts";

/** How long an end may take on a busy machine. */
const limitMs = 20_000;

/** For as long as KILL is tried on what cannot be killed, and the shell is spared after it. */
const triedMs = 4_000;

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

  async function begun(text: string, ...rules: readonly string[]): Promise<CommandView> {
    place.allow(...rules, "@ ALL=(ALL:ALL) ALL");
    time = longSleep();
    const command = await session.run({ command: text.replaceAll("@", time) });
    await waitUntil("root runs it", () => processes("sleep", time).length > 0);
    return command;
  }

  const kinds: readonly StopSignal[] = ["INT", "TERM", "KILL"];
  describe.each(["use_pty", "!use_pty"])("with %s", (pty) => {
    it.each(kinds)("ends of %s, with its line", async (signal) => {
      const command = await begun("sudo sleep @; echo after", `Defaults:@ ${pty}`);
      await command.stop(signal);
      await command.ended(limitMs);
      expect(command.state).toEqual({ kind: "signalled", signal });
      expect(command.stdoutBytes).toBe(0);
      await waitUntil("it is gone", () => processes("sleep", time).length === 0);
      expect(await run(session, "echo alive")).toMatchObject({ stdout: "alive\n", notes: [] });
    });
  });

  it("below a script ends of KILL before the script goes on", async () => {
    const command = await begun("sh -c 'sudo sleep @; echo next'; echo after");
    await command.stop("KILL");
    await command.ended(limitMs);
    expect(command.state).toEqual({ kind: "signalled", signal: "KILL" });
    expect([command.stdoutBytes, processes("sleep", time)]).toEqual([0, []]);
  });

  it("and ignores all that the user may send still counts as running, and which it is is told", async () => {
    const command = await begun(`sudo sh -c 'trap "" INT TERM HUP; sleep @; :'; echo after`);
    place.allow("@ ALL=(ALL:ALL) ALL");
    await command.stop("KILL");
    await command.ended(triedMs);
    expect(command.state.kind).toBe("running");
    const beyond = (await command.outOfReach?.()) ?? [];
    expect(beyond).toEqual(expect.arrayContaining([...processes("sleep", time)]));
    expect(await run(session, { command: `kill -KILL ${beyond.join(" ")}`, sudo: "root" })).toMatchObject({
      status: 0,
    });
    await command.ended(limitMs);
    expect(command.state.kind).not.toBe("running");
    expect(await run(session, "echo alive")).toMatchObject({ stdout: "alive\n", notes: [] });
  });

  it.each([true, false])(
    "and was left behind by a shell of root's is told after the end (beside: %s)",
    async (background) => {
      place.allow("@ ALL=(ALL:ALL) ALL");
      time = longSleep();
      const command = await session.run({ command: `sleep ${time}; echo after`, sudo: "root", background });
      await waitUntil("root runs it", () => processes("sleep", time).length > 0);
      await command.stop("TERM");
      await command.ended(limitMs);
      expect(command.state.kind).not.toBe("running");
      expect(await command.outOfReach?.()).toEqual(processes("sleep", time));
    },
  );

  it("ends with its session", async () => {
    const other = await place.session("closed");
    time = longSleep();
    await other.run({ command: `sudo sleep ${time}; echo after` });
    await waitUntil("root runs it", () => processes("sleep", time).length > 0);
    await place.close("closed");
    await waitUntil("it is gone", () => processes("sleep", time).length === 0);
  });

  it("and ignores them is killed by root where that costs no password", async () => {
    const command = await begun(
      `sudo sh -c 'trap "" INT TERM HUP; sleep @; :'; echo after`,
      "@ ALL=(ALL) NOPASSWD: ALL",
    );
    place.allow("@ ALL=(ALL:ALL) NOPASSWD: ALL");
    await command.stop("KILL");
    await command.ended(limitMs);
    expect(command.state).toEqual({ kind: "signalled", signal: "KILL" });
    expect([command.stdoutBytes, processes("sleep", time)]).toEqual([0, []]);
  });
});
