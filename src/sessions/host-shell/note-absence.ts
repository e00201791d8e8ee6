import type { CommandBook } from "../commands/command-book.ts";

/** A link that was away for less is not worth a word. */
const worthTellingMs = 500;

/** What runs says in its reply for how long its host was out of sight, and is asked again what others may have changed meanwhile. */
export function noteAbsence(commands: CommandBook, awayMs: number): void {
  for (const command of commands.running()) command.forgetSizes();
  if (awayMs < worthTellingMs) return;
  const note = `reconnected after ${Math.round(awayMs / 1000)} s`;
  for (const command of commands.running()) command.life.note(note);
}
