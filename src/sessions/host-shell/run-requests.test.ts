import { expect, it } from "vitest";
import { delay } from "../../base/index.ts";
import { CommandBook } from "../commands/command-book.ts";
import type { CommandControls } from "../commands/command-controls.ts";
import { Answers } from "./answers.ts";
import type { Hello } from "./attachment.ts";
import { RunRequests } from "./run-requests.ts";

const unreachable = (): never => {
  throw new Error("the host is not asked");
};

const controls: CommandControls = {
  fetch: unreachable,
  input: unreachable,
  eof: unreachable,
  stop: unreachable,
  watch: unreachable,
  waitsForInput: unreachable,
};

const hello: Hello = {
  epoch: 1,
  next: 1,
  front: 0,
  started: 0,
  used: false,
  fed: undefined,
  others: [],
  directory: "/d",
  died: undefined,
};

it("counts a command as unsent from the attachment that does not know it until its lines are out", async () => {
  const book = new CommandBook({ session: "web1", controls, epoch: () => 1, directory: () => "/srv" });
  const sent: string[] = [];
  let open = false;
  let takeOvers = 0;
  const send = (line: string): boolean => open && sent.push(line) > 0;
  const takeOver = (): void => {
    takeOvers += 1;
  };
  const requests = new RunRequests(send, new Answers(), takeOver);
  requests.send({ command: book.make({ number: 1, epoch: "own" }), lines: ["b 1"], ticket: "t" });
  expect(requests.unsent(1)).toBe(true);
  // As a reader beside another server.
  requests.attached(hello, false);
  await delay(5);
  expect({ takeOvers, unsent: requests.unsent(1) }).toEqual({ takeOvers: 1, unsent: true });
  open = true;
  requests.attached(hello, false);
  expect(requests.unsent(1)).toBe(true);
  await delay(5);
  expect({ sent, unsent: requests.unsent(1) }).toEqual({ sent: ["b 1"], unsent: false });
});
