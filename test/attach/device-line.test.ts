import { afterAll, expect, it } from "vitest";
import { startEmulated } from "../devices/emulated.ts";
import { Terminal } from "../approvals/terminal.ts";
import { Cleanup } from "../helpers/cleanup.ts";
import { environmentOf, stopDaemon } from "../helpers/daemon.ts";
import { eventually } from "../helpers/eventually.ts";
import { builtServer, Holdfast } from "../helpers/holdfast.ts";
import { createPrivatePlace } from "../helpers/private-place.ts";

const cleanup = new Cleanup();
afterAll(() => cleanup.run());

/** The key that begins what is not for the device. */
const first = "C-]";

it("shows a device's own line to a person, who types there while the agent may not", async () => {
  const { host } = await startEmulated(cleanup, { family: "ios", host: "sw1", mode: "priv" });
  const place = await createPrivatePlace(host.sshConfigFile);
  cleanup.add(() => place.remove());
  cleanup.add(() => stopDaemon(place));
  const agent = await Holdfast.start(place, { daemon: true });
  cleanup.add(() => agent.stop());
  await agent.call("ssh_open", { target: host.alias, name: "core1", platform: "cisco_ios" });
  const person = (...words: readonly string[]): Terminal => {
    const terminal = new Terminal([process.execPath, builtServer, "attach", ...words], environmentOf(place));
    cleanup.add(() => terminal.close());
    return terminal;
  };
  const terminal = person("core1");
  await terminal.shows(/^sw1#$/m);
  await terminal.shows(/core1 · Ctrl-\] d leaves · typing takes the keyboard from the agent/);
  expect((await agent.run("core1", "show version")).state).toBe("done");
  await terminal.shows(/^sw1 uptime is 1 week$/m);

  terminal.type("configure terminal");
  terminal.press("Enter");
  await terminal.shows(/^sw1\(config\)#$/m);
  await terminal.shows(/g gives the keyboard back · you type, the agent cannot/);
  const refused = await agent.call("ssh_run", { on: "core1", command: "show version" });
  expect(refused.text).toMatch(/^taken_over: a person types into core1 since \d+ s; nothing was run\. Call again/);
  terminal.type("hostname edge9");
  terminal.press("Enter");
  await terminal.shows(/^edge9\(config\)#$/m);
  terminal.press(first, "g");
  await terminal.shows(/typing takes the keyboard/);
  const mode = await agent.run("core1", "description x");
  expect(mode.firstLine).toContain(" · core1:edge9(config)# · ");
  expect(mode.state).toBe("done");

  terminal.type("end");
  terminal.press("Enter");
  await terminal.shows(/^edge9#$/m);
  terminal.type("half a li");
  await terminal.shows(/^edge9#half a li$/m);
  terminal.press(first, "d");
  expect(await terminal.ended()).toBe("0");
  expect(terminal.screen).toContain("Detached: core1 goes on. holdfast attach core1");
  const left = await agent.call("ssh_run", { on: "core1", command: "show version" });
  expect(left.text).toMatch(/^session_busy: a person has left the line of core1 at: edge9#half a li\. Have them/);
  const again = person("core1");
  await again.shows(/^edge9#half a li$/m);
  again.press("C-c");
  await again.shows(/^edge9#$/m);
  again.press(first, "d");
  await again.ended();
  expect((await agent.run("core1", "show version")).firstLine).toContain(" · core1:edge9# · ");
  await eventually("nobody to look any more", 30_000, async () => {
    const { text } = await agent.call("ssh_list", { what: "commands", session: "core1" });
    return text.includes("running") ? undefined : true;
  });
});
