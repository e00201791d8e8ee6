import type { CommandState, CommandView, OutputStream, RunRequest, SessionView } from "../../src/sessions/index.ts";

/** Shells that a session can run its commands in; where the login shell is none of these, it is one of these all the same. */
export type SessionShell = "bash" | "dash" | "ash" | "zsh";

/** What a command was in the end. */
export interface Outcome {
  readonly command: CommandView;
  readonly state: CommandState;
  /** The exit status as a shell counts it (128 + n after a signal); undefined when it is not known. */
  readonly status: number | undefined;
  readonly stdout: Buffer;
  readonly stderr: Buffer;
  /** What is wrong with the streams that were compared by their digest. */
  readonly wrong: readonly string[];
  readonly tookMs: number;
}

/** What is wrong, or undefined. */
export type Check = (outcome: Outcome, earlier: readonly Outcome[]) => string | undefined;

/** A stream too long to be held in memory, by what identifies it. */
export interface Digest {
  readonly sizeBytes: number;
  readonly sha256: string;
}

export interface Step {
  readonly run: string;
  readonly with?: Omit<RunRequest, "command">;
  /** What happens while the command runs. */
  readonly meanwhile?: (command: CommandView) => Promise<void>;
  /** Exact expectations; what is left out is not looked at. Two plain steps expect status 0 and empty streams unless they say otherwise. */
  readonly status?: number;
  readonly stdout?: string | Uint8Array;
  readonly stderr?: string | Uint8Array;
  /** Streams that are read piece by piece and compared by their digest; the outcome has them empty. */
  readonly digests?: Readonly<Partial<Record<OutputStream, () => Digest>>>;
  readonly check?: Check;
}

export interface TortureCase {
  readonly name: string;
  readonly steps: readonly Step[];
  /** What is more than steps one after the other; tells what is wrong. Played after the steps, bounded by `limitMs`. */
  readonly play?: (session: SessionView) => Promise<string | undefined>;
  /** Shells whose language does not have the construct. */
  readonly not?: readonly SessionShell[];
  /** For each of its steps; ample, for slow machines. */
  readonly limitMs?: number;
}

/** A command that succeeds and prints exactly this. */
export function exact(
  name: string,
  run: string,
  stdout: string | Uint8Array = "",
  stderr: string | Uint8Array = "",
): TortureCase {
  return { name, steps: [{ run, status: 0, stdout, stderr }] };
}

/** The same, but it ends with `status`. */
export function endsWith(status: number, torture: TortureCase): TortureCase {
  return { ...torture, steps: torture.steps.map((step) => ({ ...step, status })) };
}

/** Steps that share a name. */
export function steps(name: string, ...list: readonly Step[]): TortureCase {
  return { name, steps: list };
}

/** A step that must succeed silently. */
export function quiet(run: string): Step {
  return { run, status: 0, stdout: "", stderr: "" };
}

/** A step that must succeed and print exactly `stdout`, and nothing on stderr. */
export function prints(run: string, stdout: string | Uint8Array): Step {
  return { run, status: 0, stdout, stderr: "" };
}
