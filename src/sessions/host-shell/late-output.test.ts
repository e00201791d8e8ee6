import { expect, test } from "vitest";
import { HostCommand } from "../commands/host-command.ts";
import { LateOutput } from "./late-output.ts";
import { SpoolStream } from "./spool-stream.ts";

const controls = {
  fetch: () => Promise.resolve(Buffer.alloc(0)),
  input: () => Promise.resolve(),
  eof: () => Promise.resolve(),
  stop: () => Promise.resolve(),
  watch: () => () => undefined,
  waitsForInput: () => Promise.resolve(false),
};

/** Late output of a session with one piece of it in each spool; tells which were read. */
function lateOutput(): { readonly late: LateOutput; readonly read: string[] } {
  const read: string[] = [];
  const late = new LateOutput({
    fetch: (file, offset) => {
      read.push(file);
      return Promise.resolve(Buffer.from(offset === 0 ? "late\n" : ""));
    },
    followed: () => undefined,
    hear: () => Promise.resolve(),
  });
  return { late, read };
}

function commandBeside(number: number): HostCommand {
  return new HostCommand({ session: "s", number, text: "", epoch: "own", startedAtMs: 0, stdinGiven: true }, controls);
}

test("the newest command beside the shell is looked at, though it was heard of before all the others that the host keeps", async () => {
  const { late, read } = lateOutput();
  const newest = commandBeside(90);
  late.keepBeside(newest);
  for (let number = 1; number < 90; number += 1) late.keepBeside(commandBeside(number));
  await late.look(90);
  expect(newest.stdoutBytes).toBe(5);
  expect(read).toContain("BO.90");
});

test("of commands beside the shell as many are remembered as the host keeps, and no more", async () => {
  const { late, read } = lateOutput();
  for (let number = 1; number <= 65; number += 1) late.keepBeside(commandBeside(number));
  await late.look(1);
  expect(read).toEqual([]);
  await late.look(2);
  expect(read).toEqual(["BO.2", "BE.2"]);
});

test("of epochs the newest are remembered, in whatever order they were read", async () => {
  const { late, read } = lateOutput();
  for (const number of [40, ...Array.from({ length: 16 }, (_, index) => index + 1)]) {
    const reader = new SpoolStream({ number, offset: 0 }, String, {
      onBytes: () => undefined,
      onEnd: () => undefined,
      onForeignMarker: () => undefined,
    });
    late.keep({ epoch: number, number, readers: new Map([["stdout", reader]]) });
  }
  await late.look(1);
  expect(read).toEqual([]);
  await late.look(40);
  expect(read).toEqual(["O.40"]);
});
