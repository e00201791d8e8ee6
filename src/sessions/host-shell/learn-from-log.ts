import type { SshConnection } from "../../ssh/index.ts";
import type { CommandBook } from "../commands/command-book.ts";
import { patiently } from "../patiently.ts";
import { readLog } from "./host-files.ts";
import type { Siblings } from "./siblings.ts";

/** Commands that are looked up in the log. */
const newest = 300;

/** Commands beside the shell whose output the host keeps; of older ones nothing could be told. */
const newestBeside = 64;

export interface LearningParts {
  connect(): Promise<SshConnection>;
  readonly directory: string;
  readonly commands: CommandBook;
  readonly siblings: Siblings;
}

/** What another process ran in a session: the texts of known commands, and commands beside the shell, of which only the log tells. */
export async function learnFromLog(parts: LearningParts): Promise<void> {
  const { directory, commands, siblings } = parts;
  const logged = await patiently(async () => readLog(await parts.connect(), directory, newest));
  const beside = logged.filter(({ epoch }) => epoch === "own").slice(-newestBeside);
  for (const { number } of beside) commands.at(number, "own");
  for (const { number, text, startedAtMs } of logged) commands.get(number)?.learn(text, startedAtMs);
  siblings.attached();
}
