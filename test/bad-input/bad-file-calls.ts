import type { BadCall } from "./bad-calls.ts";

/** More than one call carries. */
const tooMuch = "m".repeat(2_097_153);

/** Of files: calls that are wrong in themselves, or in what is there. */
export const badFileCalls: readonly BadCall[] = [
  {
    name: "content over the limit",
    tool: "ssh_file_write",
    args: { on: "SESSION", path: "/tmp/never", content: tooMuch },
    codes: ["too_large"],
    mentions: ["2097152"],
  },
  {
    name: "invalid base64",
    tool: "ssh_file_write",
    args: { on: "SESSION", path: "/tmp/never", content: "AAA$", encoding: "base64" },
    codes: ["bad_input"],
    mentions: ["base64"],
  },
  {
    name: "permissions that are none",
    tool: "ssh_file_write",
    args: { on: "SESSION", path: "/tmp/never", content: "x", permissions: "9999" },
    codes: ["bad_input"],
    mentions: ["9999"],
  },
  {
    name: "an old text that does not occur",
    tool: "ssh_file_edit",
    args: { on: "SESSION", path: "/etc/passwd", edits: [{ old: "never in there\t", new: "" }] },
    codes: ["edit_failed"],
    mentions: ["does not occur"],
  },
  {
    name: "an old text that occurs more than once",
    tool: "ssh_file_edit",
    args: { on: "SESSION", path: "/etc/passwd", edits: [{ old: ":/", new: "" }] },
    codes: ["edit_failed"],
    mentions: [/occurs \d+ times/],
    never: ["root:x"],
  },
  {
    name: "a pattern to copy, which is none here",
    tool: "ssh_copy",
    args: { from: "SESSION:/etc/*.nothing", to: "/tmp/never" },
    codes: ["file_missing"],
    mentions: ["*.nothing", "exclude"],
  },
  {
    name: "two hosts that do not exist",
    tool: "ssh_copy",
    args: { from: "no-such-host-1.invalid:/etc/hosts", to: "no-such-host-2.invalid:/tmp/never" },
    codes: ["target_unknown", "dial_failed"],
    mentions: [/no-such-host-[12]\.invalid/],
  },
  {
    name: "a copy from here to here",
    tool: "ssh_copy",
    args: { from: "/etc/hosts", to: "/tmp/never" },
    codes: ["bad_input"],
    mentions: ["both ends"],
  },
  {
    name: "a directory, without being told that it may be one",
    tool: "ssh_copy",
    args: { from: "SESSION:/etc", to: "/tmp/never" },
    codes: ["bad_input"],
    mentions: ["recursive"],
  },
];
