import { asHoldfastError, renderError } from "../base/index.ts";
import type { CommandState, CommandView } from "../sessions/index.ts";
import { askingWord, firstLine, stateWord, waitingWord, type Offsets } from "./first-line.ts";
import type { Redact } from "./gate.ts";
import { renderOutput, type ShownStreams } from "./render-output.ts";
import type { Reply } from "./reply.ts";

/** Characters of output in a reply unless the caller asks for another number. */
export const defaultMaxOutput = 8_000;

/** How a command is to be shown. */
export interface CommandShow {
  readonly from?: Partial<Offsets>;
  readonly streams?: ShownStreams;
  readonly maxOutput: number;
  readonly raw?: boolean;
  readonly notes?: readonly string[];
  /** There is evidence that it is blocked reading its input. */
  readonly waitsForInput?: boolean;
  readonly redact: Redact;
}

/** A command as it was at one moment, ready to be put into a reply. */
export interface ShownCommand {
  readonly state: CommandState;
  /** The state in words, as the first line begins. */
  readonly word: string;
  readonly first: string;
  readonly output: string;
  /** False when output was left out. */
  readonly whole: boolean;
}

/** Takes a command's state and output at this moment. Output that cannot be fetched is said so in its place; the state still counts. */
export async function showCommand(command: CommandView, show: CommandShow): Promise<ShownCommand> {
  // The state is read before the sizes: if it says "ended", the sizes are final.
  const state = command.state;
  const from = { stdout: show.from?.stdout ?? 0, stderr: show.from?.stderr ?? 0 };
  const streams = show.streams ?? "both";
  const waits = state.kind === "running" && show.waitsForInput === true;
  const asks = state.kind === "running" && command.waitingFor !== undefined;
  const word = waits ? waitingWord : asks ? askingWord : stateWord(state);
  const line = (shown: Offsets): string =>
    firstLine(command, {
      state,
      shown,
      waitsForInput: waits,
      stream: streams === "both" ? undefined : streams,
      ...(show.notes === undefined ? {} : { notes: show.notes }),
    });
  const longest = line({ stdout: command.stdoutBytes, stderr: command.stderrBytes });
  const budget = Math.max(0, show.maxOutput - longest.length - 1 - stderrHeading.length);
  try {
    const output = await renderOutput({
      command,
      final: state.kind !== "running",
      from,
      streams,
      budget,
      raw: show.raw === true,
      redact: show.redact,
    });
    return { state, word, first: line(output.shown), output: output.text, whole: output.whole };
  } catch (thrown) {
    const note = `(output not shown: ${renderError(asHoldfastError(thrown))})`;
    return { state, word, first: line(from), output: note, whole: false };
  }
}

/** Characters of the line between the streams. */
const stderrHeading = "\n--- stderr\n";

/** One command as a reply of its own. Only `lost` is an error: sight of the command was lost. */
export function replyOf(shown: ShownCommand): Reply {
  const text = shown.output === "" ? shown.first : `${shown.first}\n${shown.output}`;
  return { text, isError: shown.state.kind === "lost" };
}

/** Counts equal words: `2 exit 0, 1 lost`. */
export function countWords(words: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return [...counts].map(([word, amount]) => `${amount} ${word}`).join(", ");
}
