import type { CommandBook } from "../commands/command-book.ts";
import type { Hello } from "./attachment.ts";
import type { HostNumbers } from "./host-numbers.ts";

/** More commands than an epoch has (`epochCommands` in `fresh-streams.ts`, and a few): a host that tells of more has us remember no more. */
const mostOfEpoch = 1000;

/** What the host says of its numbers, as a new attachment begins, and the commands of its epoch: to be taken before anything else is learned of them. */
export function takeNumbers(hello: Hello, commands: CommandBook, numbers: HostNumbers): void {
  refuseTaken(hello, commands, numbers);
  numbers.epoch = hello.epoch;
  numbers.next = Math.max(numbers.next, hello.next);
  numbers.front = Math.max(numbers.front, hello.front);
  const oldest = Math.max(hello.epoch, hello.front - mostOfEpoch + 1);
  for (let number = oldest; number <= hello.front; number += 1) commands.at(number, hello.epoch);
}

/** Commands of ours whose numbers the host has given to another server's did not start. Their numbers stand for the others' from now on. */
function refuseTaken(hello: Hello, commands: CommandBook, numbers: HostNumbers): void {
  if (hello.others.length === 0) return;
  for (const number of hello.others) commands.refuse(number, "it did not start: another server has used its number");
  // What was in front may be beside the shell now.
  numbers.front = Math.max(hello.front, ...commands.inFront().map((command) => command.number));
}
