import { describe, expect, it } from "vitest";
import { monotonicMs } from "../base/index.ts";
import { MemoryCommand } from "../../test/mcp/memory-sessions.ts";
import { wantsTerminal } from "./wants-terminal.ts";

function command(stderr: string, status: number | undefined): MemoryCommand {
  const one = new MemoryCommand("web1", 1, "some-editor").print(stderr, "stderr");
  return status === undefined ? one : one.end(status);
}

describe("a command wants a terminal", () => {
  it.each([
    "stty: 'standard input': Inappropriate ioctl for device\n",
    "open terminal failed: not a terminal\n",
    "Error opening terminal: unknown.\n",
    "TERM environment variable not set.\n",
    "The TERM environment variable is unset!\n",
    "top: failed tty get\n",
    "Standard input is not a terminal\n",
    "the input device is not a TTY\n",
    "Must be connected to a terminal.\n",
    "sh: 1: cannot open /dev/tty: No such device or address\n",
    "Vim: Warning: Output is not to a terminal\n",
  ])("that says %j and fails, or waits", async (stderr) => {
    expect(await wantsTerminal(command(stderr, 1), false)).toBe(true);
    expect(await wantsTerminal(command(stderr, undefined), true)).toBe(true);
    expect(await wantsTerminal(command(stderr, 0), false)).toBe(false);
    expect(await wantsTerminal(command(stderr, undefined), false)).toBe(false);
  });

  it("that says so at last and nothing more, while it runs", async () => {
    const silentFor = (ms: number, stderr: string): MemoryCommand =>
      Object.assign(command(stderr, undefined), { movedMs: monotonicMs() - ms });
    const vim = "Vim: Warning: Output is not to a terminal\nVim: Warning: Input is not from a terminal\n";
    expect(await wantsTerminal(silentFor(4_000, vim), false)).toBe(true);
    expect(await wantsTerminal(silentFor(500, vim), false)).toBe(false);
    expect(await wantsTerminal(silentFor(4_000, `${vim}compiling\n`), false)).toBe(false);
  });

  it("but not one that says something else, whatever it is called", async () => {
    expect(await wantsTerminal(command("vim: command not found\n", 127), false)).toBe(false);
    expect(await wantsTerminal(command("terminal is not reachable\n", 1), false)).toBe(false);
    expect(await wantsTerminal(command("", 1), false)).toBe(false);
  });
});
