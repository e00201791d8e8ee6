import type { CommandBook } from "../commands/command-book.ts";
import type { Hello } from "./attachment.ts";
import type { HostNumbers } from "./host-numbers.ts";

/**
 * Commands of ours whose numbers the host has given to another server's did not start. Their numbers stand for the others' from now on: to be
 * called before anything is learned of those.
 */
export function refuseTaken(hello: Hello, commands: CommandBook, numbers: HostNumbers): void {
  if (hello.others.length === 0) return;
  for (const number of hello.others) commands.refuse(number, "it did not start: another server has used its number");
  // What was in front may be beside the shell now.
  numbers.front = Math.max(hello.front, ...commands.inFront().map((command) => command.number));
}
