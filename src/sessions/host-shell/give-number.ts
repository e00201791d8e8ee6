import { randomHex } from "../../base/index.ts";
import type { CommandBook } from "../commands/command-book.ts";
import type { HostCommand } from "../commands/host-command.ts";
import type { RunRequest } from "../session-api.ts";
import type { HostNumbers } from "./host-numbers.ts";
import { runLines } from "./run-lines.ts";
import { commandToken } from "./spool-follower.ts";

/** Bytes of a ticket: two servers that take the same number at the same time have different ones. */
const ticketBytes = 6;

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

/** A command and what starts it on the host. */
export interface GivenCommand {
  readonly command: HostCommand;
  readonly lines: readonly string[];
  /** Stands on the host beside the number once that is the command's. */
  readonly ticket: string;
}

/** Enters a command under the next number. */
export function giveNumber(
  { commands, numbers, key }: GiveDeps,
  { request, text, beside, background }: Wanted,
): GivenCommand {
  const number = numbers.next;
  const facts = { number, text: request.command, stdinGiven: request.stdin !== undefined, terminal: request.terminal };
  numbers.next = number + 1;
  if (!beside) numbers.front = number;
  const command = commands.make(beside ? { ...facts, epoch: "own" } : facts);
  const token = beside ? undefined : commandToken(key, number);
  const ticket = randomHex(ticketBytes);
  return { command, lines: runLines({ number, text, request, ticket, token, background }), ticket };
}
