import { afterAll, describe, expect, it } from "vitest";
import type { SecretAnswer, SecretQuestion } from "../../src/sessions/index.ts";
import { Cleanup } from "../helpers/cleanup.ts";
import { waitUntil } from "../helpers/servers/index.ts";
import { startEmulated, type EmulatedDevice } from "./emulated.ts";
import { openDevice, runOn } from "./trials.ts";

const cleanup = new Cleanup();
afterAll(() => cleanup.run());

/** A person who knows these, and what they were asked. */
function person(
  name: string,
  password: string,
): { readonly asked: string[]; readonly answer: (question: SecretQuestion) => SecretAnswer } {
  const asked: string[] = [];
  return {
    asked,
    answer: ({ kind, form, prompt }) => {
      asked.push(`${kind} ${form}: ${prompt}`);
      return { secret: form === "word" ? name : password };
    },
  };
}

const login = ["ops", "sesame"] as const;
const machine: EmulatedDevice = { family: "ios", host: "sw1", wake: true, login };

describe.concurrent("a serial console behind SSH", () => {
  it("is woken with Enter, and a person answers its login, also the next time", async () => {
    const { host, typed } = await startEmulated(cleanup, machine);
    const ops = person(...login);
    const session = await openDevice(cleanup, host.sshConfigFile, { platform: "generic" }, ops.answer);
    expect(ops.asked).toEqual(["console word: sw1 login:", "console secret: Password:"]);
    expect(typed()).toEqual(["ops", "secret sesame"]);
    expect(await runOn(session, "show term")).toMatchObject({ state: "done", output: "vt100 511\n", prompt: "sw1>" });
    const leaving = await session.run({ command: "exit" });
    await leaving.ended(30_000, undefined, true);
    // Somebody has left: the login program asks, and that is handed on.
    expect(leaving.question).toBe("sw1 login:");
    await leaving.input("ops\n");
    await leaving.ended(30_000);
    expect(leaving).toMatchObject({ state: { kind: "done" }, directory: "sw1>" });
    expect(ops.asked).toHaveLength(3);
  });

  it("is logged in anew, and nothing is typed at its login, when it has logged out by itself", async () => {
    const { host, typed } = await startEmulated(cleanup, machine);
    const ops = person(...login);
    const session = await openDevice(cleanup, host.sshConfigFile, { platform: "generic" }, ops.answer);
    const lines = await session.watchLine({ columns: 80, rows: 24 });
    await runOn(session, "leave soon");
    await waitUntil("it to log out", async () => {
      const { bytes } = (await lines?.read("stdout", 0, 100_000)) ?? {};
      return /Timed out[^]*login: $/.test(Buffer.from(bytes ?? []).toString());
    });
    const next = await session.run({ command: "show version" });
    await next.ended(30_000);
    expect(next).toMatchObject({ state: { kind: "done" }, directory: "sw1>" });
    expect(next.notes).toContainEqual(
      expect.stringMatching(/^new terminal: the device asks for a login there again; /),
    );
    expect(typed().filter((line) => line === "ops")).toHaveLength(2);
    expect(typed().at(-1)).toBe("show version");
  });

  it("tries a wrong password once, and says so", async () => {
    const { host, typed } = await startEmulated(cleanup, machine);
    const opened = openDevice(cleanup, host.sshConfigFile, { platform: "generic", password: "open" });
    await expect(opened).rejects.toMatchObject({
      code: "auth_failed",
      message: expect.stringContaining("behind that of SSH, and what it was given was wrong"),
    });
    expect(typed().filter((line) => line.startsWith("secret"))).toEqual(["secret open"]);
  });

  it("says that nobody gave what it asks for", async () => {
    const { host, typed } = await startEmulated(cleanup, machine);
    const opened = openDevice(cleanup, host.sshConfigFile, { platform: "generic" });
    await expect(opened).rejects.toMatchObject({
      code: "auth_failed",
      message: expect.stringMatching(/, and nobody$/),
    });
    expect(typed()).toEqual([]);
  });

  it("gets a secret that a command asks for from a person, not from the agent", async () => {
    const { host, typed } = await startEmulated(cleanup, { family: "ios", host: "sw1", mode: "priv" });
    const ops = person(...login);
    const session = await openDevice(cleanup, host.sshConfigFile, { platform: "cisco_ios" }, ops.answer);
    expect(await runOn(session, "copy over")).toMatchObject({ state: "done", output: "Password:\nsecret of 6\n" });
    expect(ops.asked).toEqual(["console secret: Password:"]);
    expect(typed()).toContain("secret sesame");
  });
});

describe.concurrent("a device that shows no prompt", () => {
  it.each([
    { device: { silent: true }, says: "it shows nothing" },
    { device: { silent: true, banner: "booting\nstage 2 of 3" }, says: "its last line is: stage 2 of 3" },
  ])("is given up, and it is told that $says", async ({ device, says }) => {
    const { host } = await startEmulated(cleanup, { family: "ios", ...device });
    const about = { platform: "generic", connectTimeoutMs: 3_000 };
    await expect(openDevice(cleanup, host.sshConfigFile, about)).rejects.toMatchObject({
      code: "timed_out",
      message: expect.stringMatching(new RegExp(`^the device shows no prompt .*${says}$`)),
    });
  });

  it("and closes instead is told with what it said last", async () => {
    const { host } = await startEmulated(cleanup, { family: "ios", closes: true, banner: "line in use\n" });
    await expect(openDevice(cleanup, host.sshConfigFile, { platform: "cisco_ios" })).rejects.toMatchObject({
      code: "unsupported",
      message: "the device closed its terminal before a prompt came; it said last: line in use",
    });
  });
});
