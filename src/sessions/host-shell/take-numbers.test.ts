import { expect, it } from "vitest";
import { CommandBook } from "../commands/command-book.ts";
import type { CommandControls } from "../commands/command-controls.ts";
import { HostNumbers } from "./host-numbers.ts";
import { takeNumbers } from "./take-numbers.ts";

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

it("remembers no more of an epoch than there can be, whatever the host says", () => {
  const book = new CommandBook({ session: "web1", controls, epoch: () => 1, directory: () => "/srv" });
  const numbers = new HostNumbers();
  const front = Number.MAX_SAFE_INTEGER - 1;
  const told = { epoch: 1, next: front + 1, front, started: 0, used: true, fed: undefined, others: [] };
  takeNumbers({ ...told, directory: "/d", died: undefined }, book, numbers);
  expect(book.running()).toHaveLength(1000);
  expect(numbers).toEqual({ epoch: 1, next: front + 1, front });
});
