import { renderError, type HoldfastError } from "../base/index.ts";
import type { CommandView } from "../sessions/index.ts";
import { countWords, showCommand, type ShownCommand } from "./command-reply.ts";
import type { Redact } from "./gate.ts";
import { count, type Reply } from "./reply.ts";

/** The least that a group of targets is given of the reply's characters. */
const leastShare = 300;

/** A command that was started, and what its first line says beside its state. */
export interface RunOutcome {
  readonly command: CommandView;
  readonly notes: readonly string[];
  readonly waitsForInput: boolean;
}

/** What came of one target: a command, or the reason why there is none. */
export type TargetOutcome =
  | ({ readonly on: string } & RunOutcome)
  | { readonly on: string; readonly error: HoldfastError };

type CommandOutcome = Extract<TargetOutcome, { readonly command: CommandView }>;

interface CombineOptions {
  readonly maxOutput: number;
  readonly redact: Redact;
}

interface ShownOutcome {
  readonly outcome: CommandOutcome;
  readonly shown: ShownCommand;
}

/** One reply for several targets: a first line for each, grouped where output is identical, failures first, a summary at the end. */
export async function combineReplies(outcomes: readonly TargetOutcome[], options: CombineOptions): Promise<Reply> {
  const errors = outcomes.flatMap((outcome) =>
    "error" in outcome ? [`${outcome.on}: ${renderError(outcome.error)}`] : [],
  );
  const commands = outcomes.flatMap((outcome) => ("command" in outcome ? [outcome] : []));
  const shown = await Promise.all(commands.map((outcome) => showOutcome(outcome, options, options.maxOutput)));
  const groups = groupEqual(shown).sort((one, other) => rankOf(one) - rankOf(other));
  const share = Math.max(leastShare, Math.floor(options.maxOutput / Math.max(1, groups.length)));
  const blocks = await Promise.all(groups.map((group) => renderGroup(group, options, share)));
  const words = [...errors.map(() => "not run"), ...groups.flat().map((one) => one.shown.word)];
  const summary = `${count(outcomes.length)} targets: ${countWords(words)}`;
  return {
    text: [...errors, ...blocks, summary].join("\n\n"),
    isError: shown.every((one) => one.shown.state.kind === "lost"),
  };
}

async function showOutcome(outcome: CommandOutcome, options: CombineOptions, maxOutput: number): Promise<ShownOutcome> {
  const { command, notes, waitsForInput } = outcome;
  return { outcome, shown: await showCommand(command, { maxOutput, redact: options.redact, notes, waitsForInput }) };
}

/** Results with the same state and the same output, all of it; a cut output is never taken for equal. */
function groupEqual(shown: readonly ShownOutcome[]): ShownOutcome[][] {
  const groups = new Map<string, ShownOutcome[]>();
  for (const one of shown) {
    const place = one.shown.whole
      ? `${one.shown.word}\n${one.shown.output}`
      : `${one.outcome.on}\n${one.outcome.command.id}`;
    const group = groups.get(place);
    if (group === undefined) groups.set(place, [one]);
    else group.push(one);
  }
  return [...groups.values()];
}

/** Failures first, then what still runs, then success. */
function rankOf(group: readonly ShownOutcome[]): number {
  const state = group[0]?.shown.state;
  if (state === undefined || state.kind === "running") return 1;
  return state.kind === "done" || (state.kind === "exited" && state.status === 0) ? 2 : 0;
}

async function renderGroup(group: readonly ShownOutcome[], options: CombineOptions, share: number): Promise<string> {
  const [first] = group;
  if (first === undefined) return "";
  const lines = group.map((one) => one.shown.first);
  const room = Math.max(leastShare, share - lines.slice(1).join("\n").length);
  const fits = lines.join("\n").length + first.shown.output.length <= share && first.shown.whole;
  const output = fits ? first.shown.output : (await showOutcome(first.outcome, options, room)).shown.output;
  return [...lines, output.replace(/\n$/, "")].filter((part) => part !== "").join("\n");
}
