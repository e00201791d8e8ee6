import type { BadCall } from "./bad-calls.ts";

const lengths: readonly (readonly [string, unknown])[] = [
  ["none", 0],
  ["fewer than can be drawn on", 1],
  ["a hundred thousand", 100_000],
  ["negative", -80],
  ["not whole", 80.5],
  ["text", "80"],
  ["null", null],
];

const keys = ["Return", "enter", "F13", "F0", "C-", "C-C-c", "C-Enter-x", "", "ab", "M-F99", "C-\u0000", "😀😀"];

const screens: readonly (readonly [string, Readonly<Record<string, unknown>>, string])[] = [
  ["no such stream", { stream: "display" }, "stream"],
  ["no such until", { stream: "screen", until: "quiet" }, "until"],
  ["until text without grep", { stream: "screen", until: "text" }, "grep"],
  ["a grep that is none", { stream: "screen", until: "text", grep: "(" }, "grep"],
  ["its last no rows", { stream: "screen", tail: 0 }, "tail"],
  ["from before its beginning", { stream: "screen", from: -1 }, "from"],
];

/** Calls that are wrong for a terminal; `TERMINAL` stands for a command that runs on one. */
export const badTerminalCalls: readonly BadCall[] = [
  ...lengths.flatMap(([what, length]): BadCall[] => [
    {
      name: `a terminal's columns: ${what}`,
      tool: "ssh_run",
      args: { on: "SESSION", command: "true", pty: true, cols: length },
      codes: ["bad_input"],
      mentions: ["cols"],
    },
    {
      name: `another number of rows: ${what}`,
      tool: "ssh_input",
      args: { command: "TERMINAL", rows: length },
      codes: ["bad_input"],
      mentions: ["rows"],
    },
  ]),
  ...keys.map((key): BadCall => ({
    name: `the key ${JSON.stringify(key)}`,
    tool: "ssh_input",
    args: { command: "TERMINAL", text: "typed", keys: ["Up", key] },
    codes: ["bad_input"],
    mentions: ["key"],
  })),
  {
    name: "more keys than a person would press",
    tool: "ssh_input",
    args: { command: "TERMINAL", keys: Array.from({ length: 101 }, () => "Up") },
    codes: ["bad_input"],
    mentions: ["keys"],
  },
  ...screens.map(([what, more, mention]): BadCall => ({
    name: `a screen: ${what}`,
    tool: "ssh_read",
    args: { command: "TERMINAL", ...more },
    codes: ["bad_input"],
    mentions: [mention],
  })),
  {
    name: "the screen of a command without a terminal",
    tool: "ssh_read",
    args: { command: "FINISHED", stream: "screen" },
    codes: ["unsupported"],
    mentions: ["no terminal", "pty"],
  },
  {
    name: "another size for a command without a terminal",
    tool: "ssh_input",
    args: { command: "RUNNING", cols: 80 },
    codes: ["bad_input"],
    mentions: ["no terminal"],
  },
  {
    name: "a terminal with stdin",
    tool: "ssh_run",
    args: { on: "SESSION", command: "cat", pty: true, stdin: "x" },
    codes: ["bad_input"],
    mentions: ["stdin"],
  },
];
