import type { CommandBook } from "../commands/command-book.ts";
import type { Hello } from "./attachment.ts";
import type { HostNumbers } from "./host-numbers.ts";

/** What the host says of its numbers, as a new attachment begins: to be taken before anything else is learned of its commands. */
export function takeNumbers(hello: Hello, commands: CommandBook, numbers: HostNumbers): void {
  refuseTaken(hello, commands, numbers);
  numbers.epoch = hello.epoch;
  numbers.next = Math.max(numbers.next, hello.next);
  numbers.front = Math.max(numbers.front, hello.front);
}

/** Commands of ours whose numbers the host has given to another server's did not start. Their numbers stand for the others' from now on. */
function refuseTaken(hello: Hello, commands: CommandBook, numbers: HostNumbers): void {
  if (hello.others.length === 0) return;
  for (const number of hello.others) commands.refuse(number, "it did not start: another server has used its number");
  // What was in front may be beside the shell now.
  numbers.front = Math.max(hello.front, ...commands.inFront().map((command) => command.number));
}
