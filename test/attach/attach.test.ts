import { afterEach, describe, expect, it } from "vitest";
import { Cleanup } from "../helpers/cleanup.ts";
import { attachScene } from "./attach-scene.ts";

const cleanup = new Cleanup();
afterEach(() => cleanup.run());

/** The key that begins what is not for the program. */
const first = "C-]";

describe("a person at a terminal of the agent's", () => {
  it("sees its screen, takes it over, gives it back, and leaves it running", async () => {
    const { agent, on, person } = await attachScene(cleanup);
    const loop = "printf '\\033[31mred\\033[0m\\n'; while IFS= read -r line; do echo \"got <$line>\"; done";
    const { id = "" } = await agent.run(on, loop, { pty: true, wait_s: 1 });
    await agent.call("ssh_input", { command: id, text: "from the agent\n" });
    const terminal = person(id);
    await terminal.shows(/^red\nfrom the agent\ngot <from the agent>$/m);
    await terminal.shows(/typing takes the keyboard from the agent · Ctrl-\] d leaves/);
    expect(terminal.colours).toContain("\u001B[31mred");

    terminal.type("by ha");
    await terminal.shows(/you type, the agent cannot · Ctrl-\] g gives it back/);
    const refused = await agent.call("ssh_input", { command: id, text: "meanwhile\n" });
    expect(refused.text).toMatch(/^taken_over: a person types into \S+ since \d+ s; nothing was typed\. See /);
    expect((await agent.call("ssh_stop", { command: id })).text).toMatch(/^taken_over: .* no signal was sent/);
    terminal.type("nd");
    terminal.press("Enter");
    await terminal.shows(/^got <by hand>$/m);

    terminal.press(first, "g");
    await terminal.shows(/typing takes the keyboard/);
    expect((await agent.call("ssh_input", { command: id, text: "again\n" })).isError).toBe(false);
    await terminal.shows(/^got <again>$/m);
    expect(terminal.screen).not.toContain("meanwhile");

    terminal.type("x");
    await terminal.shows(/you type/);
    terminal.press(first, "d");
    expect(await terminal.ended()).toBe("0");
    expect(terminal.screen).toMatch(/Detached: \S+ goes on\. holdfast attach /);
    expect((await agent.call("ssh_input", { command: id, text: "y\n" })).isError).toBe(false);
    await agent.call("ssh_stop", { command: id, signal: "KILL" });
  });
});
