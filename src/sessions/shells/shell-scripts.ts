import { shellWord } from "../../base/index.ts";
import { dense, escapeLine } from "../host-shell/host-scripts.ts";
import connection from "./host/connection.sh";
import framing from "./host/framing.sh";

/** What `bootCommand` takes to become a shell on its channel, and what that shell reads first. */
export const connectionShellLines = `${escapeLine(dense(connection))}\n${dense(framing)}\n`;

/**
 * How a shell takes its lines. `bash`: commands run as its prompt command, where it says nothing of background jobs on their stderr.
 * `loop`: dash and ash throw away what they have read ahead when a line is aborted, so they read line by line in a loop of ours.
 */
export type ShellDialect = "bash" | "loop" | "plain";

/** Tells the dialect: `b`, `p` or nothing. */
export const dialectWord = `\${BASH_VERSION:+b}\${ZSH_VERSION:+p}\${KSH_VERSION:+p}`;

const loop = `while IFS= read -r _hf_l; do eval "$_hf_l"; done`;

/** The line that brings a shell of this dialect into its loop; nothing may follow it before it has said so. */
function enterLoop(token: string): string {
  return `_hf_e 0 ${token}; ${loop}\n`;
}

/** What follows each text, for one whose line was aborted: the end was not told then, and the loop was left. */
function afterLine(dialect: ShellDialect, token: string): string {
  return dialect === "loop" ? `_hf_a "$?" ${token} || ${loop}\n` : `_hf_a "$?" ${token}\n`;
}

/** Lines that run a text of ours in the shell; without one, the line that brings it into its loop. */
export function plainLines(dialect: ShellDialect, text: string, token: string): string {
  if (text === "") return enterLoop(token);
  const end = `_hf_e "$?" ${token}`;
  const after = afterLine(dialect, token);
  if (dialect !== "loop") return `{ { ${text}; } >&7 2>&8; ${end}; }\n${after}`;
  return `${carried(text)}{ eval "$_hf_c" >&7 2>&8; ${end}; }\n${after}`;
}

/** Lines that run a command: its streams are the channel's, its stdin is `stdin`. The blank keeps a text like `-x` from being an option. */
export function commandLines(dialect: ShellDialect, command: CommandLine, token: string): string {
  const { text, stdin } = command;
  const streams = `<${stdin} >&7 2>&8 7>&- 8>&-`;
  const after = afterLine(dialect, token);
  const run = (what: string): string => `_hf_r; eval ${what} ${streams}; _hf_e "$?" ${token}`;
  if (dialect === "plain") return `{ ${run(shellWord(` ${text}`))}; }\n${after}`;
  if (dialect === "loop") return `${carried(text)}{ ${run('" $_hf_c"')}; }\n${after}`;
  const prompt = shellWord(`unset PROMPT_COMMAND; ${run('" $_hf_c"')}`);
  return `unset PROMPT_COMMAND; _hf_c=${shellWord(text)}; PROMPT_COMMAND=${prompt}\n${after}`;
}

export interface CommandLine {
  readonly text: string;
  readonly stdin: string;
}

/** A text of several lines on one. */
function carried(text: string): string {
  return `_hf_c=$(command printf '%b.' ${shellWord(escapeLine(text))}); _hf_c=\${_hf_c%.}; `;
}
