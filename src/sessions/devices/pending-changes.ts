import {
  readsOnly,
  type DeviceTerminal,
  type NamedStep,
  type PlatformStep,
  type PlatformSteps,
} from "../../devices/index.ts";
import type { CommitTrial } from "./commit-trial.ts";

/** A line that was typed and taken. */
export interface TakenLine {
  readonly text: string;
  /** The step that it was, if one. */
  readonly step: NamedStep | undefined;
  /** The kind of the mode in which it was typed. */
  readonly before: string | undefined;
  /** When it was typed, by the monotonic clock. */
  readonly beganMs: number;
}

/** Changes that were made on one terminal and are not in effect, where a configuration waits for a commit. */
export class PendingChanges {
  readonly #trial: CommitTrial;
  #uncommitted = false;

  /** The trial is the device's: all its terminals share it. */
  constructor(trial: CommitTrial) {
    this.#trial = trial;
  }

  /** What the terminal was left with by a line: a note where changes were left behind. Resolves when what waits to be confirmed is kept. Never rejects. */
  async took(line: TakenLine, terminal: DeviceTerminal): Promise<string | undefined> {
    const { platform, prompt } = terminal;
    const { step, before } = line;
    if (platform.steps.commit === undefined) return undefined;
    await this.#try(line, terminal);
    const had = this.#uncommitted;
    const settled = settles(step?.name);
    const changes = before === "config" && step === undefined && !readsOnly(platform, line.text);
    this.#uncommitted = showsPending(terminal) ?? (!settled && (had || changes));
    if (prompt?.mode.kind === "config") return undefined;
    this.#uncommitted = false;
    return had && !settled ? leftBehind : undefined;
  }

  /** The terminal was lost under a line: a commit that cuts the way to the device is what has to be confirmed most. With what is to be told of it. Never rejects. */
  async lost({ text, step, beganMs }: TakenLine, { platform }: DeviceTerminal): Promise<string | undefined> {
    const { confirm } = platform.steps;
    if (confirm === undefined || step?.name !== "commitConfirmed") return undefined;
    const { limitMs } = step;
    await this.#trial.begin(`${text.trim()} (whose outcome is unknown)`, confirm.command, { beganMs, limitMs });
    return this.#trial.note();
  }

  /** What is to be told with a command, at its end. */
  notes({ platform }: DeviceTerminal): readonly string[] {
    const { commit, abort, commitConfirmed } = platform.steps;
    const trial = this.#trial.note();
    const about = trial === undefined ? [] : [trial];
    if (!this.#uncommitted || commit === undefined) return about;
    const ways = [commit, commitConfirmed, abort].flatMap((step) => (step === undefined ? [] : [step.command]));
    return [`changes are not committed: ${ways.join(" | ")}`, ...about];
  }

  /** What becomes of changes that are not committed when the terminal is closed, or gone; undefined where there are none. */
  get drafts(): string | undefined {
    if (!this.#uncommitted) return undefined;
    return "changes that were not committed are gone with the terminal, or wait on the device";
  }

  /** The same of all that is not finished; undefined where all is. */
  parting(): string | undefined {
    const all = [this.drafts, this.#trial.note()].filter((one) => one !== undefined);
    return all.length === 0 ? undefined : all.join("; ");
  }

  /** The terminal is gone. */
  drop(): void {
    this.#uncommitted = false;
  }

  /** A commit that has to be confirmed begins, or is, or is taken back. */
  async #try(line: TakenLine, { platform }: DeviceTerminal): Promise<void> {
    const { text, step, beganMs } = line;
    const { confirm } = platform.steps;
    if (confirm === undefined) return;
    if (step?.name === "commitConfirmed") {
      await this.#trial.begin(text.trim(), confirm.command, { beganMs, limitMs: step.limitMs });
    } else if (endsTrial(line, platform.steps, confirm)) await this.#trial.settled();
  }
}

/** Whether a line confirms the commit that waits for that, or takes it back. */
function endsTrial({ text, step, before }: TakenLine, { commit }: PlatformSteps, confirm: PlatformStep): boolean {
  if (step?.name === "revoke") return true;
  const plain = step?.name === "commit" && commit?.command === confirm.command;
  return (step?.name === "confirm" || plain) && (before === "config" || text.trim() === confirm.command);
}

/** Whether the prompt says that there are changes which are not committed; undefined where prompts do not tell. */
function showsPending({ platform, current, above }: DeviceTerminal): boolean | undefined {
  const { pendingPrompt } = platform;
  return pendingPrompt === undefined ? undefined : [current.text, above].some((line) => pendingPrompt.test(line));
}

/** What to do with changes; whoever does none of it is told. */
function settles(name: string | undefined): boolean {
  return name === "commit" || name === "commitConfirmed" || name === "confirm" || name === "abort";
}

const leftBehind = "left the configuration with changes that were not committed; see what became of them";
