import { expect, it } from "vitest";
import { copyMark } from "./copy-mark.ts";
import { HostCommand } from "./host-command.ts";

const controls = {
  fetch: () => Promise.resolve(Buffer.alloc(0)),
  input: () => Promise.resolve(),
  eof: () => Promise.resolve(),
  stop: () => Promise.resolve(),
  watch: () => () => undefined,
  waitsForInput: () => Promise.resolve(true),
};

/** A command that is blocked reading its stdin. */
function reads(text: string): HostCommand {
  return new HostCommand({ session: "s", number: 1, text, epoch: "own", startedAtMs: 0, stdinGiven: false }, controls);
}

it("keeps the command of a copy from asking for input: it is fed by its server", async () => {
  expect(await reads(`${copyMark}/a -> web1:/b\n(while read -r l; do :; done)`).waitsForInput()).toBe(false);
  expect(await reads("read -r l").waitsForInput()).toBe(true);
});
