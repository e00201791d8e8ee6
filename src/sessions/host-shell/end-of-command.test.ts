import { expect, it } from "vitest";
import { delay } from "../../base/index.ts";
import { CommandBook } from "../commands/command-book.ts";
import type { CommandControls } from "../commands/command-controls.ts";
import type { OutputStream } from "../session-api.ts";
import type { Hello } from "./attachment.ts";
import { EndOfCommand } from "./end-of-command.ts";
import { HostNumbers } from "./host-numbers.ts";
import { commandToken, SpoolFollower } from "./spool-follower.ts";

const streams: readonly OutputStream[] = ["stdout", "stderr"];
const key = "k";

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

/** A session whose shell has been given command 1, in epoch 1, which is followed. */
function scene() {
  const sent: string[] = [];
  const numbers = Object.assign(new HostNumbers(), { epoch: 1, next: 2, front: 1 });
  const book = new CommandBook({ session: "web1", controls, epoch: () => numbers.epoch, directory: () => "/srv" });
  const ends: { of?: EndOfCommand } = {};
  const follower = new SpoolFollower({
    key,
    commandAt: (number, epoch) => book.at(number, epoch),
    onEnd: (stream, end) => ends.of?.streamEnded(stream, end),
  });
  const send = (line: string): boolean => sent.push(line) > 0;
  const token = (number: number): string => commandToken(key, number);
  const end = new EndOfCommand({ commands: book, follower, numbers, token, send, ask: send, changed: () => undefined });
  ends.of = end;
  book.make({ number: 1 });
  for (const stream of streams) follower.barrier(stream, { epoch: 1, offset: 0 });
  const endsOf = (number: number): void => {
    follower.bytes("stdout", Buffer.from(`\u001E${token(number)} 0 /srv\u001E\n`));
    follower.bytes("stderr", Buffer.from(`\u001E${token(number)}\u001E\n`));
  };
  return { sent, numbers, book, follower, end, endsOf };
}

const hello: Hello = {
  epoch: 2,
  next: 3,
  front: 2,
  started: 2,
  used: true,
  fed: undefined,
  others: [],
  directory: "/d",
  died: undefined,
};

it("goes on to an epoch whose beginning was lost with a connection, while a command runs in it", async () => {
  const { sent, numbers, book, end, endsOf } = scene();
  endsOf(1);
  Object.assign(numbers, { epoch: 2, next: 3, front: 2 });
  book.make({ number: 2 });
  sent.length = 0;
  end.attached(hello);
  await delay(5);
  expect(sent).toEqual(["F 2 0 0"]);
});

it("reads what is left of a command of ours before it goes on to the epoch in which another server's runs", async () => {
  const { sent, numbers, book, end, endsOf } = scene();
  Object.assign(numbers, { epoch: 2, next: 3, front: 2 });
  book.make({ number: 2 });
  end.attached(hello);
  await delay(5);
  expect(sent).toEqual([]);
  endsOf(1);
  expect(book.get(1)?.state).toMatchObject({ kind: "exited", status: 0 });
  expect(sent).toEqual(["F 2 0 0"]);
});
