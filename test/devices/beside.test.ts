import { afterAll, describe, expect, it } from "vitest";
import type { CommandView, SessionView } from "../../src/sessions/index.ts";
import { Cleanup } from "../helpers/cleanup.ts";
import { startEmulated, type EmulatedDevice, type RunningDevice } from "./emulated.ts";
import { openDevice, runOn } from "./trials.ts";

const cleanup = new Cleanup();
afterAll(() => cleanup.run());

async function open(
  device: EmulatedDevice,
  sshd: readonly string[] = [],
): Promise<RunningDevice & { readonly session: SessionView }> {
  const running = await startEmulated(cleanup, device, sshd);
  const { enable: enablePassword } = device;
  const platform = device.family === "xr" ? "cisco_iosxr" : "cisco_ios";
  const about = { platform, ...(enablePassword === undefined ? {} : { enablePassword }) };
  return { ...running, session: await openDevice(cleanup, running.host.sshConfigFile, about) };
}

/** A command that is not over before it is answered. */
async function asking(session: SessionView): Promise<CommandView> {
  const command = await session.run({ command: "clear counters" });
  await command.ended(30_000, undefined, true);
  expect(command.question).toContain("[confirm]");
  return command;
}

describe.concurrent("a device whose terminal is busy", () => {
  it("runs the next commands beside it, enabled as the first one is", async () => {
    const { session, typed } = await open({ family: "ios", host: "sw1", enable: "sesame" });
    const first = await asking(session);
    const second = await session.run({ command: "show version" });
    await second.ended(30_000);
    expect(second).toMatchObject({ state: { kind: "done" }, directory: "sw1#" });
    expect(second.notes).toContain(`beside ${first.id}, on a second terminal of the same connection`);
    expect(await runOn(session, "write memory")).toMatchObject({ state: "done", prompt: "sw1#" });
    // The second of them took the terminal of the first.
    expect(typed().filter((line) => line === "secret sesame")).toHaveLength(2);
    await first.input("\n");
    await first.ended(30_000);
    expect(first.state).toEqual({ kind: "done" });
    const after = await session.run({ command: "show version" });
    await after.ended(30_000);
    expect(after.notes).toEqual([]);
  });

  it("answers and stops each of them by its own name, and closes what was left in another mode", async () => {
    const { session } = await open({ family: "ios", host: "sw1", mode: "priv" });
    const first = await asking(session);
    const beside = await asking(session);
    await beside.stop("INT");
    await beside.ended(30_000);
    expect(beside.state).toEqual({ kind: "signalled", signal: "INT" });
    expect(first.state).toEqual({ kind: "running" });
    const left = await session.run({ command: "configure terminal" });
    await left.ended(30_000);
    expect(left.notes).toContain("left its terminal in another mode: that terminal was closed");
    expect(await runOn(session, "show version")).toMatchObject({ state: "done", prompt: "sw1#" });
    const aside = await session.run({ command: "show version", background: true });
    await aside.ended(30_000);
    expect(aside.state).toEqual({ kind: "done" });
    await first.stop("INT");
  });

  it("says that there is no second one where the device has one, or the first is in its configuration", async () => {
    const one = await open({ family: "ios", host: "sw1", mode: "priv" }, ["MaxSessions 1"]);
    const first = await asking(one.session);
    await expect(one.session.run({ command: "show version" })).rejects.toMatchObject({
      code: "session_busy",
      message: expect.stringMatching(
        /^\S+ runs on the terminal of dev, and there is no second terminal for this: all 1/,
      ),
    });
    await first.input("\n");
    await first.ended(30_000);
    expect(await runOn(one.session, "show version")).toMatchObject({ state: "done" });
    const { session } = await open({ family: "xr", host: "xr1" });
    await runOn(session, "configure terminal\ninterface Gi0\ndescription x");
    const leaving = await session.run({ command: "end" });
    await leaving.ended(30_000, undefined, true);
    await expect(session.run({ command: "show version" })).rejects.toMatchObject({
      code: "session_busy",
      message: expect.stringContaining("it is in the mode config, where a second terminal would not be"),
    });
  });
});
