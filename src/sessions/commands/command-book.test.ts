import { expect, it } from "vitest";
import { CommandBook } from "./command-book.ts";
import type { CommandControls } from "./command-controls.ts";

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

function bookOfEnded(count: number, text: string): CommandBook {
  const book = new CommandBook({ session: "web1", controls, epoch: () => 1, directory: () => "/srv" });
  for (let number = 1; number <= count; number += 1) {
    const command = book.make({ number, text });
    command.statusIs(0);
    command.streamEnds("stdout");
    command.streamEnds("stderr");
    book.running();
  }
  return book;
}

it("remembers the newest 10,000 commands", () => {
  const book = bookOfEnded(10_500, ":");
  expect(book.newest(20_000)).toHaveLength(10_000);
  expect(book.get(500)).toBeUndefined();
  expect(book.get(501)?.state).toEqual({ kind: "exited", status: 0 });
});

it("keeps of older commands the beginning of the text only", () => {
  const book = bookOfEnded(40, "x".repeat(100_000));
  expect(book.get(40)?.text).toHaveLength(100_000);
  expect(book.get(1)?.text).toBe("x".repeat(200));
});
