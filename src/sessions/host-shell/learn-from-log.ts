import type { SshConnection } from "../../ssh/index.ts";
import type { CommandBook } from "../commands/command-book.ts";
import { patiently } from "../patiently.ts";
import { readLog } from "./host-files.ts";
import type { Siblings } from "./siblings.ts";

/** Commands that are looked up in the log. */
const newest = 300;

/** Commands beside the shell whose output the host keeps; of older ones nothing could be told. */
const newestBeside = 64;

/** How long a session that is taken up waits for what its host says of old commands beside the shell. */
const answerMs = 3000;

export interface LearningParts {
  connect(): Promise<SshConnection>;
  /** Resolves when the host has answered all that it was asked before, or has not within `limitMs`. */
  heard(limitMs: number): Promise<unknown>;
  readonly directory: string;
  readonly commands: CommandBook;
  readonly siblings: Siblings;
}

/** What another process ran in a session: the texts of known commands, commands beside the shell, of which only the log tells, and those of the past. */
export async function learnFromLog(parts: LearningParts): Promise<void> {
  const { directory, commands, siblings } = parts;
  const log = await patiently(async () => readLog(await parts.connect(), directory, newest));
  const beside = log.commands.filter(({ epoch }) => epoch === "own").slice(-newestBeside);
  for (const { number } of beside) commands.at(number, "own");
  for (const logged of log.commands) {
    const known = commands.get(logged.number);
    if (known !== undefined) known.learn(logged.text, logged.startedAtMs);
    else if (logged.epoch !== "own") commands.past(logged, log.ends.get(logged.number));
  }
  siblings.askAgain();
  await parts.heard(answerMs);
  for (const [number, { lastedMs }] of log.ends) commands.get(number)?.life.lasted(lastedMs);
}
