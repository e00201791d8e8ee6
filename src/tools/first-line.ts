import { oneLine } from "../base/index.ts";
import type { CommandState, CommandView, OutputStream } from "../sessions/index.ts";
import { nextCall } from "./reply.ts";

/** Room for a directory in the first line; longer ones are cut. */
const longestDirectory = 300;

/** Room for one note in the first line. */
const longestNote = 300;

/** The word for a running command that is blocked reading its input. */
export const waitingWord = "waiting for input";

/** The word for a running command on whose behalf a person is asked. */
export const askingWord = "waiting for a person";

/** Byte offsets up to which output has been shown. */
export interface Offsets {
  readonly stdout: number;
  readonly stderr: number;
}

interface FirstLineParts {
  readonly state: CommandState;
  /** There is evidence that it is blocked reading its input. */
  readonly waitsForInput?: boolean;
  /** Where to go on reading; named for commands that still run. */
  readonly shown: Offsets;
  /** The one stream that the caller looks at, if it is one. */
  readonly stream?: OutputStream | "screen" | undefined;
  /** Notes of this call, beside those of the command. */
  readonly notes?: readonly string[];
}

/** The state of a command in one line: `exit 0 · 1.2 s · web1:/srv/app · web1/7`, with the next call for one that still runs. */
export function firstLine(command: CommandView, parts: FirstLineParts): string {
  const { state } = parts;
  const notes = [...command.notes, ...(parts.notes ?? [])].map((note) => oneLine(note, longestNote));
  const waits = state.kind === "running" && parts.waitsForInput === true;
  const asks = state.kind === "running" ? command.waitingFor : undefined;
  const fields = [
    waits ? waitingWord : asks === undefined ? stateWord(state) : askingWord,
    seconds(command.durationMs),
    placeOf(command),
    command.id,
    ...(asks === undefined ? [] : [oneLine(asks, longestNote)]),
    ...(waits && command.question !== undefined ? [`it asks: ${oneLine(command.question, longestNote)}`] : []),
    ...notes,
    ...reasonOf(state),
  ];
  if (waits) fields.push(nextCall("ssh_input", { command: command.id, text: "..." }));
  else if (state.kind === "running") fields.push(nextCall("ssh_read", readFrom(command.id, parts)));
  return fields.join(" · ");
}

/** Why it ended so, where that is to be told. */
function reasonOf(state: CommandState): readonly string[] {
  if (state.kind === "error") return [oneLine(state.reason, longestNote)];
  return state.kind === "lost" ? [lostReason(state.reason)] : [];
}

/** The session's part of a command id: `web1` of `web1/7`. */
export function sessionOf(commandId: string): string {
  return commandId.slice(0, commandId.lastIndexOf("/"));
}

/** A duration in seconds: tenths below ten, whole ones from there on; `? s` for NaN. */
export function seconds(durationMs: number): string {
  if (Number.isNaN(durationMs)) return "? s";
  const tenths = Math.round(Math.max(0, durationMs) / 100);
  return tenths < 100 ? `${(tenths / 10).toFixed(1)} s` : `${Math.round(tenths / 10)} s`;
}

/** The state in the words of the contract; a status that is not known is never 0. */
export function stateWord(state: CommandState): string {
  switch (state.kind) {
    case "running":
      return "running";
    case "exited":
      return `exit ${state.status}`;
    case "signalled":
    case "stopped":
      return `signal ${state.signal.replace(/^SIG/, "")}`;
    case "done":
      return "done";
    case "error":
      return "error";
    case "timed_out":
      return "timed out";
    case "lost":
      return "lost";
  }
}

function placeOf(command: CommandView): string {
  const directory = command.directory === undefined ? "?" : oneLine(command.directory, longestDirectory);
  return `${sessionOf(command.id)}:${directory}`;
}

function lostReason(reason: string): string {
  const text = oneLine(reason, longestNote).replace(/\.$/, "");
  return /outcome/.test(text) ? text : `${text}; the outcome is unknown`;
}

function readFrom(command: string, parts: FirstLineParts): Record<string, string | number> {
  const { shown, stream } = parts;
  if (stream === "screen") return { command, stream, from: shown.stdout };
  if (stream !== undefined) return { command, from: shown[stream], stream };
  return { command, from: shown.stdout, ...(shown.stderr > 0 ? { from_stderr: shown.stderr } : {}) };
}
