import { monotonicMs } from "../../base/index.ts";

interface Pending {
  /** How it was typed. */
  readonly line: string;
  /** What keeps it. */
  readonly confirm: string;
  /** When the device takes it back; undefined where the line did not tell. */
  readonly untilMs: number | undefined;
}

/** A commit that the device takes back by itself unless it is confirmed in time. Nobody forgets it while it is pending. */
export class CommitTrial {
  #pending: Pending | undefined;

  /** It was made by `line`, at `beganMs` of the monotonic clock, for `limitMs`. */
  begin(
    line: string,
    confirm: string,
    { beganMs, limitMs }: { readonly beganMs: number; readonly limitMs: number | undefined },
  ): void {
    this.#pending = { line, confirm, untilMs: limitMs === undefined ? undefined : beganMs + limitMs };
  }

  confirmed(): void {
    this.#pending = undefined;
  }

  /** What is to be told of it with a command; that its time is over is told once. */
  note(): string | undefined {
    if (this.#pending === undefined) return undefined;
    const { line, confirm, untilMs } = this.#pending;
    const unless = `unless ${confirm} follows`;
    if (untilMs === undefined) return `${line}: taken back by the device when its time is over, ${unless}`;
    const leftMs = untilMs - monotonicMs();
    if (leftMs > 0) return `${line}: taken back by the device in ${span(leftMs)}, ${unless}`;
    this.#pending = undefined;
    return `${line}: its time is over and nobody confirmed it here; see whether the device has taken the changes back`;
  }
}

function span(ms: number): string {
  const seconds = Math.ceil(ms / 1_000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
