import { delay, messageOf, monotonicMs } from "../../base/index.ts";
import { copyMark } from "../commands/copy-mark.ts";
import type { CommandView } from "../session-api.ts";
import type { CopyRequest, CopyWords, RunningCopy } from "./copy-api.ts";

/** Progress is told every second at first, and less often when it takes long: it all stays in the output of the command. */
const tellEveryMs = 1_000;
const tellSeldomMs = 10_000;
const seldomAfterMs = 60_000;

/** How long the host of the command may be away when the outcome is to be told. */
const tellLimitMs = 3_600_000;

const retryMs = 2_000;

/** Longer lines would not fit into what a terminal takes at once (POSIX: MAX_CANON), nor are they read. */
const longestLine = 1_000;

/**
 * The command that stands for a copy on its host: it prints the lines that it is fed behind `>`, and ends with the status that it is told. So what
 * is known of the copy is kept where the session is.
 */
export function copyCommandText({ from, to }: CopyRequest): string {
  const shown = [from, to].map(({ on, path }) => oneWord(on === undefined ? path : `${on}:${path}`));
  return [
    `${copyMark}${shown.join(" -> ")}`,
    `(while IFS= read -r l; do case $l in '>'*) printf '%s\\n' "\${l#>}";; 'exit '?) exit "\${l#exit }";; esac; done; exit 1)`,
  ].join("\n");
}

/**
 * Tells the command how the copy goes until one of them has ended: stopping the command stops the copy. Nothing more is told once `left`: another
 * process will go on. Never rejects.
 */
export async function accompany(
  command: CommandView,
  copy: RunningCopy,
  words: CopyWords,
  left: () => boolean,
): Promise<void> {
  const over = new AbortController();
  const watching = command.ended(Number.MAX_SAFE_INTEGER, over.signal).then(() => {
    if (command.state.kind !== "running") copy.stop();
  });
  const startedMs = monotonicMs();
  while (copy.outcome === undefined) {
    const line = words.progress(copy.counts);
    await command.input(lineOf(line)).catch(() => undefined);
    await copy.ended(monotonicMs() - startedMs > seldomAfterMs ? tellSeldomMs : tellEveryMs);
  }
  if (left()) {
    over.abort();
    return;
  }
  const text = words.outcome(copy.outcome, copy.counts);
  const failed = copy.outcome.error !== undefined || copy.outcome.failures.length > 0;
  const lines = text.split("\n").map(lineOf).join("");
  await tell(command, `${lines}exit ${failed ? 1 : 0}\n`);
  over.abort();
  await watching;
}

async function tell(command: CommandView, text: string): Promise<void> {
  const deadline = monotonicMs() + tellLimitMs;
  while (command.state.kind === "running" && monotonicMs() < deadline) {
    try {
      await command.input(text);
      return;
    } catch (error) {
      if (/has ended/.test(messageOf(error))) return;
      await delay(retryMs);
    }
  }
}

function lineOf(text: string): string {
  return `>${oneWord(text).slice(0, longestLine)}\n`;
}

/** Without what a terminal or a shell's line would take for something else. */
function oneWord(text: string): string {
  return text.replaceAll(/[\p{Cc}\u2028\u2029]/gu, "?");
}
