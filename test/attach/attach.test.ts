import { readFileSync } from "node:fs";
import { afterEach, describe, expect, it } from "vitest";
import { Cleanup } from "../helpers/cleanup.ts";
import { daemonFacts, daemonPid, stopDaemon } from "../helpers/daemon.ts";
import { eventually } from "../helpers/eventually.ts";
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
    await terminal.shows(/Ctrl-\] d leaves · typing takes the keyboard from the agent/);
    expect(terminal.colours).toContain("\u001B[31mred");

    terminal.type("by ha");
    await terminal.shows(/Ctrl-\] d leaves, g gives the keyboard back · you type, the agent cannot/);
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

  it("makes it as large as their window, and as it was when they leave; others see a part", async () => {
    const { agent, on, person } = await attachScene(cleanup);
    const tells = 'trap "stty size" WINCH; stty size; while :; do sleep 0.1; done';
    const { id = "" } = await agent.run(on, tells, { pty: true, cols: 60, rows: 12, wait_s: 1 });
    const one = person(id);
    await one.shows(/^44 110$/m);
    const other = person("--read-only", id);
    other.resize(40, 10);
    await other.shows(/d leaves · only/);
    await other.shows(/^44 110$/m);
    one.resize(70, 20);
    await one.shows(/^19 70$/m);
    await other.shows(/^19 70$/m);
    one.press(first, "d");
    await one.ended();
    await other.shows(/^12 60$/m);
    other.press(first, "d");
    expect(await other.ended()).toBe("0");
    await agent.call("ssh_stop", { command: id, signal: "KILL" });
  });

  it("gets screens and no backlog when they are slow", async () => {
    const { agent, on, person } = await attachScene(cleanup);
    const { id = "" } = await agent.run(on, "read -r go; seq 1 300000; read -r end", { pty: true, wait_s: 0 });
    const terminal = person(id);
    await terminal.shows(/typing takes/);
    const [program = ""] = readFileSync(`/proc/${terminal.pid}/task/${terminal.pid}/children`, "utf8").split(" ");
    process.kill(Number(program), "SIGSTOP");
    await agent.call("ssh_input", { command: id, text: "\n" });
    await eventually("all to be printed", 60_000, async () => {
      const { text } = await agent.call("ssh_read", { command: id, stream: "screen" });
      return /^300000$/m.test(text) ? true : undefined;
    });
    process.kill(Number(program), "SIGCONT");
    await terminal.shows(/^299999\n300000$/m);
    terminal.press("Enter");
    expect(await terminal.ended()).toBe("0");
  });
});

describe("a person whose daemon goes", () => {
  it("sees the same terminal through the next one", async () => {
    const { agent, on, place, person } = await attachScene(cleanup);
    const { id = "" } = await agent.run(on, 'while read -r l; do echo "got $l"; done', { pty: true, wait_s: 0 });
    const terminal = person(id);
    const [shown, ...lines] = [person("--read-only", `${id}`), "one", "two"];
    await terminal.shows(/typing takes/);
    for (const line of lines) {
      terminal.type(line);
      terminal.press("Enter");
      await terminal.shows(new RegExp(`^got ${line}$`, "m"));
      const pid = await daemonPid(place);
      process.kill(pid, "SIGKILL");
      await eventually("another daemon", 60_000, async () => {
        const facts = await daemonFacts(place);
        return facts === undefined || facts.pid === pid ? undefined : true;
      });
      await terminal.shows(new RegExp(`^got ${line}$[^]*typing takes`, "m"));
    }
    await shown.shows(/^got two$/m);
    await stopDaemon(place);
    expect(await terminal.ended()).toBe("1");
    expect(terminal.screen).toMatch(/The daemon has ended; \S+ goes on/);
    await agent.call("ssh_stop", { command: id, signal: "KILL" });
  });
});

describe("a person in a session", () => {
  it("gets their login shell on a terminal, and comes back to it", async () => {
    const { agent, on, person } = await attachScene(cleanup);
    await agent.run(on, "cd /usr/lib");
    const terminal = person(on);
    await terminal.shows(/\$|#|%/);
    terminal.type("echo $((6*7)) in $PWD; shopt -q login_shell && echo as login");
    terminal.press("Enter");
    await terminal.shows(/^42 in \/usr\/lib$/m);
    terminal.press(first, "d");
    await terminal.ended();
    const again = person(on);
    await again.shows(/^42 in \/usr\/lib$/m);
    again.type("exit 3");
    again.press("Enter");
    expect(await again.ended()).toBe("3");
  });

  it("types lines into a command without a terminal, which an agent cannot meanwhile", async () => {
    const { agent, on, person } = await attachScene(cleanup);
    const { id = "" } = await agent.run(on, 'while read -r l; do printf "got \\033[32m%s\\033[6n\\n" "$l"; done', {
      wait_s: 0,
    });
    const terminal = person(on);
    await terminal.shows(/Ctrl\+C leaves it running/);
    terminal.type("a line");
    terminal.press("Enter");
    await terminal.shows(/^got a line$/m);
    expect((await agent.call("ssh_input", { command: id, text: "no\n" })).text).toMatch(/^taken_over: /);
    terminal.press("C-c");
    expect(await terminal.ended()).toBe("0");
    expect((await agent.call("ssh_input", { command: id, text: "yes\n", eof: true, wait_s: 20 })).text).toMatch(
      /^exit 0 .*\ngot yes/,
    );
  });
});
