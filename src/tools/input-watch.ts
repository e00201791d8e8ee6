import { monotonicMs, timeIsUp, withDeadline } from "../base/index.ts";
import type { CommandView } from "../sessions/index.ts";
import { totalBytes } from "./progress-reporter.ts";

/** A command that prints something does not wait: the host is asked only after this time of silence. */
const silenceMs = 3_000;

/** The first two looks are this far apart; a command is taken to wait when both find it blocked and it printed nothing between them. */
const firstPeriodMs = 2_000;

/** A command that works in silence is asked about more and more seldom, up to this. */
const longestPeriodMs = 8_000;

/** A reply does not wait longer than this for the evidence. */
const evidenceLimitMs = 1_000;

/** What the host has said holds so long while nothing moves: whoever looks again and again does not wait for it each time. */
const evidenceLifeMs = 300;

interface Evidence {
  readonly blocked: boolean;
  readonly bytes: number;
  readonly movedMs: number | undefined;
  readonly atMs: number;
}

const newestEvidence = new WeakMap<CommandView, Evidence>();

/** Notices that a command is blocked reading its input, by evidence from its host alone. */
export class InputWatch {
  readonly #command: CommandView;
  #seenBytes = -1;
  #silentSinceMs = monotonicMs();
  #askedAtMs = Number.NEGATIVE_INFINITY;
  #periodMs = firstPeriodMs;
  #wasBlocked = false;

  constructor(command: CommandView) {
    this.#command = command;
  }

  /** True when the command has been blocked for two seconds at least. Asks the host seldom; call it about once a second. */
  async look(signal: AbortSignal): Promise<boolean> {
    const nowMs = monotonicMs();
    const bytes = totalBytes(this.#command);
    if (bytes !== this.#seenBytes) {
      if (this.#seenBytes !== -1) this.#silentSinceMs = nowMs;
      this.#seenBytes = bytes;
      this.#periodMs = firstPeriodMs;
      this.#wasBlocked = false;
    }
    if (nowMs - this.#silentSinceMs < silenceMs || nowMs - this.#askedAtMs < this.#periodMs) return false;
    this.#askedAtMs = nowMs;
    const blocked = await waitsForInput(this.#command, signal);
    if (blocked && this.#wasBlocked && totalBytes(this.#command) === bytes) return true;
    this.#periodMs = blocked ? firstPeriodMs : Math.min(longestPeriodMs, this.#periodMs * 2);
    this.#wasBlocked = blocked;
    return false;
  }
}

/** Whether the host says, within a second, that the command is blocked reading its input. Never rejects: no answer is no evidence. */
export async function waitsForInput(command: CommandView, signal: AbortSignal): Promise<boolean> {
  if (command.state.kind !== "running" || signal.aborted) return false;
  const last = newestEvidence.get(command);
  const { movedMs } = command;
  const bytes = totalBytes(command);
  const atMs = monotonicMs();
  const holds = last?.bytes === bytes && last.movedMs === movedMs && atMs - last.atMs < evidenceLifeMs;
  if (holds && movedMs !== undefined) return last.blocked;
  const blocked = await askedNow(command, signal);
  if (!signal.aborted) newestEvidence.set(command, { blocked, bytes, movedMs, atMs });
  return blocked;
}

async function askedNow(command: CommandView, signal: AbortSignal): Promise<boolean> {
  const evidence = withDeadline(
    command.waitsForInput().catch(() => false),
    evidenceLimitMs,
  ).then((answer) => answer !== timeIsUp && answer);
  const gone = command.ended(evidenceLimitMs, signal).then(() => false);
  return Promise.race([evidence, gone]);
}
