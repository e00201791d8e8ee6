import type { CommandBook } from "../commands/command-book.ts";
import type { HostCommand } from "../commands/host-command.ts";
import type { RunRequest } from "../session-api.ts";
import type { HostNumbers } from "./host-numbers.ts";
import { runLines } from "./run-lines.ts";
import { commandToken } from "./spool-follower.ts";

interface GiveDeps {
  readonly commands: CommandBook;
  readonly numbers: HostNumbers;
  /** The session's key. */
  readonly key: string;
}

interface Wanted {
  readonly request: RunRequest;
  /** What the shell is to source. */
  readonly text: string;
  readonly beside: boolean;
  /** Background processes of the session, which a time limit spares. */
  readonly background: readonly number[];
}

/** Enters a command under the next number; `lines` are what starts it on the host. */
export function giveNumber(
  { commands, numbers, key }: GiveDeps,
  { request, text, beside, background }: Wanted,
): { readonly command: HostCommand; readonly lines: readonly string[] } {
  const number = numbers.next;
  const facts = { number, text: request.command, stdinGiven: request.stdin !== undefined };
  numbers.next = number + 1;
  if (!beside) numbers.front = number;
  const command = commands.make(beside ? { ...facts, epoch: "own" } : facts);
  const token = beside ? undefined : commandToken(key, number);
  return { command, lines: runLines({ number, text, request, token, background }) };
}
