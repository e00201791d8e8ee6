import { monotonicMs } from "../base/index.ts";
import type { CommandView } from "../sessions/index.ts";

/** What programs say of it is the last that they say. */
const lookedAtBytes = 2_000;

/** What the C library, ncurses and programs say when they find no terminal where they want one. */
const complaints = [
  /inappropriate ioctl for device/i,
  /\b(?:not|isn't) (?:from |to |connected to )?a (?:tty|terminal)\b/i,
  /must be (?:run|connected|executed) (?:from|to|on|in) a (?:tty|terminal)\b/i,
  /error opening terminal|open terminal failed|failed tty get/i,
  /TERM environment variable (?:is )?(?:not set|unset)/i,
  /\/dev\/tty: No such device or address/,
  /the input device is not a tty/i,
];

/** A program that goes on after its complaint says more before this time is over. */
const stuckMs = 3_000;

/** What the first line of a reply says then. */
export const wantsTerminalNote = "this program wants a terminal: run it with pty";

/**
 * Whether a command without a terminal has failed, or waits for input (`waits`), after it has complained of that on stderr, or has said nothing more
 * since: its name is no evidence, and neither is what one prints that goes well. Never rejects.
 */
export async function wantsTerminal(command: CommandView, waits: boolean): Promise<boolean> {
  const failed = command.state.kind === "exited" && command.state.status !== 0;
  const ended = failed || waits;
  if (command.terminal !== undefined || command.stderrBytes === 0 || !(ended || isSilent(command))) return false;
  const text = await endOfStderr(command);
  const told = ended ? text : text.trimEnd().split("\n").slice(-1).join("");
  return complaints.some((complaint) => complaint.test(told));
}

function isSilent({ state, movedMs }: CommandView): boolean {
  return state.kind === "running" && movedMs !== undefined && monotonicMs() - movedMs > stuckMs;
}

async function endOfStderr(command: CommandView): Promise<string> {
  const from = Math.max(0, command.stderrBytes - lookedAtBytes);
  const said = await command.read("stderr", from, lookedAtBytes).catch(() => undefined);
  return Buffer.from(said?.bytes ?? []).toString();
}
