import { afterAll, describe, expect, it } from "vitest";
import { Cleanup } from "../helpers/cleanup.ts";
import { startEmulated, type EmulatedDevice } from "./emulated.ts";
import { openDevice, runOn } from "./trials.ts";

const cleanup = new Cleanup();
afterAll(() => cleanup.run());

interface Block {
  readonly device: EmulatedDevice;
  readonly platform: string;
  readonly into: string;
  /** The lines of the block. */
  readonly block: readonly string[];
  /** What the device has of them. */
  readonly typed: readonly string[];
  readonly prompt: string;
}

/** What looks like prompts, questions, commands and nothing at all. */
const text = [
  "  Welcome to",
  "",
  "sw1#",
  "sw1(config)#",
  "Password:",
  "Continue? [confirm]",
  "hostname evil",
  "--More--",
];

const blocks: readonly Block[] = [
  {
    device: { family: "ios", host: "sw1", mode: "priv" },
    platform: "cisco_ios",
    into: "configure terminal",
    block: ["banner motd ^C", ...text, "^C"],
    typed: ["banner motd ^C", ...text, "^C"],
    prompt: "sw1(config)#",
  },
  {
    device: { family: "fortios", host: "sw1" },
    platform: "fortinet_fortios",
    into: "config system global",
    block: ['set comment "one', ...text, 'last"'],
    typed: ['set comment "one', ...text, 'last"'],
    prompt: "sw1 (global) #",
  },
  {
    device: { family: "junos", host: "sw1" },
    platform: "juniper_junos",
    into: "configure",
    block: ["load merge terminal", ...text, "^D"],
    typed: ["load merge terminal", ...text],
    prompt: "admin@sw1#",
  },
  {
    device: { family: "ios", host: "sw1", mode: "priv" },
    platform: "generic",
    into: "configure terminal",
    block: ["banner motd ~~ <<END", ...text, "~~", "END"],
    typed: ["banner motd ~~", ...text, "~~"],
    prompt: "sw1(config)#",
  },
];

describe.concurrent("a command of several lines that a device takes as they are", () => {
  it.each(blocks)("reaches $platform whole", async ({ device, platform, into, block, typed: whole, prompt }) => {
    const { host, typed } = await startEmulated(cleanup, device);
    const session = await openDevice(cleanup, host.sshConfigFile, { platform });
    await runOn(session, into);
    const before = typed().length;
    const result = await runOn(session, block.join("\n"));
    expect(result).toMatchObject({ state: "done", prompt });
    expect(result.output).not.toContain("Welcome");
    const comment = /^[!#][0-9a-f]{9}$/;
    const have = typed().slice(before);
    expect(have.filter((line) => !comment.test(line))).toEqual(whole);
    expect(await runOn(session, `${into === "configure" ? "show version" : "description x"}`)).toMatchObject({
      prompt,
    });
  });

  it("is not sent where the device does not take its beginning", async () => {
    const { host, typed } = await startEmulated(cleanup, { family: "ios", host: "sw1", mode: "priv" });
    const session = await openDevice(cleanup, host.sshConfigFile, { platform: "cisco_ios" });
    const refused = await session.run({ command: "show version\nbanner motd ^C\nconfigure terminal\n^C\nend" });
    await refused.ended(30_000);
    expect(refused.state).toEqual({ kind: "error", reason: expect.stringMatching(/^line 2 of 5: % Invalid input/) });
    expect(refused.notes).toContain("line 5 was not sent");
    expect(typed()).not.toContain("configure terminal");
  });
});
