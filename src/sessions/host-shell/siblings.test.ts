import { expect, it } from "vitest";
import { delay } from "../../base/index.ts";
import { CommandBook } from "../commands/command-book.ts";
import type { CommandControls } from "../commands/command-controls.ts";
import { LateOutput } from "./late-output.ts";
import { Siblings } from "./siblings.ts";

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

/** Commands 1 to `count`, beside the shell, and the lines that the host is asked. */
function scene(count: number): {
  readonly siblings: Siblings;
  readonly asked: string[];
  readonly book: CommandBook;
  /** Commands whose requests are yet to go out. */
  readonly unsent: Set<number>;
} {
  const book = new CommandBook({ session: "web1", controls, epoch: () => 1, directory: () => "/srv" });
  for (let number = 1; number <= count; number += 1) book.make({ number, epoch: "own" });
  const asked: string[] = [];
  const unsent = new Set<number>();
  const siblings = new Siblings({
    commands: book,
    unsent: (number) => unsent.has(number),
    late: new LateOutput({ fetch: unreachable, followed: () => undefined, hear: unreachable }),
    ask: (line) => {
      asked.push(line);
      return true;
    },
  });
  return { siblings, asked, book, unsent };
}

it("asks once how each is, and watches those that run when the host has said which", async () => {
  const { siblings, asked } = scene(4);
  siblings.attached();
  // What the log tells comes on top.
  siblings.askAgain();
  await delay(5);
  expect(asked).toEqual(["s 1", "s 2", "s 3", "s 4"]);
  for (const line of ["bend 1 0 5 0", "bend 2 7 0 0", "brun 3"]) siblings.line(line.split(" "));
  expect(asked.splice(0)).toHaveLength(4);
  siblings.line(["brun", "4"]);
  expect(asked).toEqual(["W 3 4"]);
});

it("lets the host leave out those that have ended, until there is none", async () => {
  const { siblings, asked, book } = scene(2);
  siblings.attached();
  await delay(5);
  for (const number of ["1", "2"]) siblings.line(["brun", number]);
  siblings.line(["bend", "1", "0", "0", "0"]);
  expect(asked.splice(0)).toEqual(["s 1", "s 2", "W 1 2"]);
  siblings.line(["blost", "2"]);
  expect(asked.splice(0)).toEqual(["W"]);
  book.make({ number: 3, epoch: "own" });
  siblings.watch();
  expect(asked).toEqual(["W 3"]);
});

it("asks nothing of a command that the host has yet to be given, and would call lost, until it has been", async () => {
  const { siblings, asked, unsent } = scene(3);
  unsent.add(3);
  siblings.attached();
  // An old event that was held up with the connection comes before anything could be sent.
  siblings.line(["bend", "1", "0", "0", "0"]);
  expect(asked.splice(0)).toEqual(["W 2"]);
  unsent.clear();
  await delay(5);
  siblings.line(["brun", "3"]);
  expect(asked).toEqual(["s 3", "W 2 3"]);
});
