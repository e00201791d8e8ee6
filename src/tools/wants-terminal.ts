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

/** What the first line of a reply says then. */
export const wantsTerminalNote = "this program wants a terminal: run it with pty";

/**
 * Whether a command without a terminal has failed, or waits for input (`waits`), after it has complained of that on stderr: its name is no evidence, and
 * neither is what one prints that goes well. Never rejects.
 */
export async function wantsTerminal(command: CommandView, waits: boolean): Promise<boolean> {
  const { state, stderrBytes } = command;
  const failed = state.kind === "exited" && state.status !== 0;
  if (command.terminal !== undefined || stderrBytes === 0 || !(failed || waits)) return false;
  const from = Math.max(0, stderrBytes - lookedAtBytes);
  const said = await command.read("stderr", from, lookedAtBytes).catch(() => undefined);
  const text = Buffer.from(said?.bytes ?? []).toString();
  return complaints.some((complaint) => complaint.test(text));
}
